// Runs the CDK command line many times in one process, since starting Node takes longer than comparing: reads
// [{"app": folder, "template": file}, ...] from standard input and prints what each "cdk diff --template" wrote.
const { exec } = require(process.argv[2]);
const { readFileSync } = require('node:fs');

async function main() {
  const written = [];
  const streams = [process.stdout, process.stderr];
  const real = streams.map((stream) => stream.write);
  for (const { app, template } of JSON.parse(readFileSync(0, 'utf8'))) {
    let text = '';
    for (const stream of streams) {
      stream.write = (chunk, encoding, done) => {
        text += chunk;
        (typeof encoding === 'function' ? encoding : done)?.();
        return true;
      };
    }
    const code = await exec(['diff', '--app', app, '--template', template, '--method', 'template', '--no-color', '--no-notices']);
    streams.forEach((stream, i) => { stream.write = real[i]; });
    written.push({ code, text });
  }
  process.stdout.write(JSON.stringify(written));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
