'use strict'

const { randomBytes } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { promisify } = require('node:util')

const { RedisStore } = require('connect-redis')
const express = require('express')
const session = require('express-session')
const multer = require('multer')
const { createClient } = require('redis')

const { REDIS_HOST, REDIS_TLS, REVISION, SESSION_SECRET, UPLOADS_BUCKET } = process.env
// A server's environment file may name a variable and leave it empty.
const PORT = Number(process.env.PORT || 3001)
const REDIS_PORT = Number(process.env.REDIS_PORT || 6379)

// How long a process that was told to stop goes on taking new requests: until its connections are gone, for LINGER_MS at
// most, and until the requests that were in flight are answered, for DRAIN_MS at most. pm2's kill_timeout is longer by
// what the last new request may take.
const LINGER_MS = 5_000
const DRAIN_MS = 25_000

// One line, and no stack trace, for what a person has to put right.
function fail(message) {
  console.error(`kora-example: ${message}`)
  process.exit(1)
}

// --- Sessions ---------------------------------------------------------------------------------------------------------

// Nodes that sign with secrets of their own throw each other's sessions away. A server alone needs none: its sessions
// end with the process in any case.
if (REDIS_HOST && !SESSION_SECRET) fail('SESSION_SECRET is not set: all nodes that share REDIS_HOST need the same one')

const redis = REDIS_HOST ? connectTo(REDIS_HOST) : null

function connectTo(host) {
  const client = createClient({
    // node-redis 4 and later ignore a host and port that stand outside of socket, and connect to localhost.
    socket: {
      host,
      port: REDIS_PORT,
      tls: REDIS_TLS === 'true',
      // A cache that dies without a word is noticed by the ping that has no answer. The library's own strategy gives
      // up for good after such a timeout; this one tries again for ever.
      socketTimeout: 15_000,
      reconnectStrategy: (retries) => Math.min(retries * 100, 2_000),
    },
    pingInterval: 5_000,
  })
  // Without a listener the first lost connection ends the process. The retries repeat the errors: say each once.
  const said = new Set()
  client.on('error', (error) => {
    const message = error.message || error.code
    if (!said.has(message)) console.error(`kora-example: redis at ${host}:${REDIS_PORT}: ${message}`)
    said.add(message)
  })
  client.on('ready', () => said.clear())
  return client
}

// --- The app ----------------------------------------------------------------------------------------------------------

const app = express()

// One hop: the proxy on the server or the balancer before the fleet, never both. `true` would believe whatever address a
// client makes up. Without it req.protocol is http for everyone, and no cookie is ever secure.
app.set('trust proxy', 1)
app.disable('x-powered-by')

let stopping = false
const inFlight = new Set()

app.use((req, res, next) => {
  inFlight.add(res)
  res.once('close', () => inFlight.delete(res))
  if (stopping) res.set('Connection', 'close')
  next()
})

// Before the sessions: a health check has no cookie and would make a session each time.
// A lost cache does not make it 503: every node would be called unhealthy at once and replaced by one that cannot start
// (Amazon Builders' Library, "Implementing health checks"). A node that never had its cache does not listen at all.
app.get('/health', (req, res) => {
  res.status(stopping ? 503 : 200).json({
    status: stopping ? 'stopping' : 'ok',
    revision: REVISION || null,
    sessions: !redis ? 'memory' : redis.isReady ? 'redis' : 'redis, not connected',
  })
})

app.use(session({
  store: redis ? new RedisStore({ client: redis, prefix: 'kora-example:' }) : new session.MemoryStore(),
  secret: SESSION_SECRET || randomBytes(32).toString('hex'),
  resave: false, // the store has touch(): nothing to write back when nothing changed
  saveUninitialized: false, // no session for crawlers and scanners
  cookie: {
    httpOnly: true,
    sameSite: 'lax',
    secure: 'auto', // for whoever came by HTTPS, as the proxy says; a server without a domain has no HTTPS
  },
}))

app.get('/', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1
  res.json({ visits: req.session.visits, address: req.ip, protocol: req.protocol })
})

const upload = multer({
  dest: path.join(__dirname, 'uploads'),
  limits: { fileSize: 10 * 1024 * 1024, files: 1 },
})

app.post('/upload', refuseWithoutStore, upload.single('file'), (req, res) => {
  if (!req.file) return res.status(400).json({ error: 'no file in the field "file"' })
  res.status(201).json({ id: req.file.filename, bytes: req.file.size })
})

// The bucket's client goes here. Until it does, a fleet says no: a file on the disk of a node that is replaced is lost.
function refuseWithoutStore(req, res, next) {
  if (!UPLOADS_BUCKET) return next()
  res.status(501).json({ error: `nothing here writes to ${UPLOADS_BUCKET} yet` })
}

// For the tests of the shutdown; not to be copied.
app.get('/slow', async (req, res) => {
  await sleep(Math.min(Number(req.query.ms) || 0, 60_000))
  res.json({ slept: true })
})

// Express shows its own page with a stack trace unless NODE_ENV is production.
app.use((error, req, res, next) => {
  if (res.headersSent) return next(error)
  const status = error.code === 'LIMIT_FILE_SIZE' ? 413 : error instanceof multer.MulterError ? 400 : error.status ?? 500
  if (status >= 500) console.error(`kora-example: ${req.method} ${req.path}: ${error.stack}`)
  res.status(status).json({ error: status >= 500 ? 'internal error' : error.message })
})

// --- Start and stop ---------------------------------------------------------------------------------------------------

const server = http.createServer(app)

// Above the balancer's idle timeout of 60 s, so that it is always the balancer that closes: a request sent into a
// connection that Node has just closed is a 502 (ELB User Guide, "Connection idle timeout"). Node's default is 5 s before
// version 26 (nodejs/node #62782). headersTimeout, 60 s by default, also ends connections on which no request has come
// yet, and balancers open some ahead of need (nodejs/node #30071, #27363): above the other one.
server.keepAliveTimeout = 65_000
server.headersTimeout = 66_000

async function start() {
  await redis?.connect() // tries until it succeeds
  server.listen(PORT)
  await once(server, 'listening')
  console.log(`kora-example: revision ${REVISION || 'unknown'} listens on ${PORT}`)
  process.send?.('ready') // what pm2's wait_ready waits for; nobody listens when started by hand
}

// Until the requests that were in flight are answered, new ones are served as well, and /health says 503: where a
// replacement runs beside this process (pm2 reload) it gets ever more of them; where none does (pm2 restart, pm2 stop)
// nobody is refused who could have been served. Each answer says "Connection: close", so that whoever keeps a connection
// closes it himself: a request sent into one that is closed here is lost.
async function stop() {
  if (stopping) return
  stopping = true
  if (!server.listening) process.exit(0)

  const earlier = [...inFlight]
  for (const res of earlier) if (!res.headersSent) res.set('Connection', 'close')
  const answered = earlier.map((res) => new Promise((resolve) => res.once('close', resolve)))
  await Promise.race([Promise.all([connectionsGone(), ...answered]), sleep(DRAIN_MS)])

  server.close() // no new connections; the idle ones are closed
  // Not until the server says that it is closed: it waits without end for connections that have never been used, and
  // balancers open some ahead of need. The pause is for a request that is just being read.
  do await sleep(250); while (inFlight.size > 0)
  process.exit(0)
}

async function connectionsGone() {
  const count = promisify(server.getConnections.bind(server))
  for (const end = Date.now() + LINGER_MS; Date.now() < end && await count() > 0;) await sleep(50)
}

process.on('SIGINT', stop) // pm2, and Ctrl-C
process.on('SIGTERM', stop) // systemd, docker, kill

start().catch((error) => fail(error.message))
