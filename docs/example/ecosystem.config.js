'use strict'

module.exports = {
  apps: [{
    name: 'kora-example',
    cwd: __dirname,
    script: 'app.js',

    // In cluster mode `pm2 reload` starts the new process beside the old one, on the same port, and stops the old one
    // when the new one is ready. In fork mode a reload is a restart: the port is closed in between.
    exec_mode: 'cluster',

    // One process for the one vCPU of a t2.micro. More need REDIS_HOST: each has a memory of its own.
    instances: 1,

    // Ready is when app.js says so, connected to its cache, not when the process exists.
    wait_ready: true,

    // How long pm2 waits for that. It then stops the old process even if the new one has crashed, so this is also the
    // time in which a bad revision can be taken back.
    listen_timeout: 30_000,

    // A process that crashes at start is started again after 0.1 s, 0.15 s and so on up to 15 s. Without it pm2 starts it
    // at once, which eats the CPU credits of a t2, and after 16 quick crashes never again: a database that was away for a
    // minute at night leaves the app down.
    exp_backoff_restart_delay: 100,

    // From SIGINT to SIGKILL (pm2's default: 1.6 s). Above the balancer's deregistration delay of 30 s: no request that
    // the balancer still waits for is cut off by pm2.
    kill_timeout: 35_000,

    // Two processes stand in the 1 GB of a t2.micro during a reload. pm2 looks every 30 s, and reloads: no request is
    // lost, as it would be to the kernel's out-of-memory killer.
    max_memory_restart: '300M',
  }],
}
