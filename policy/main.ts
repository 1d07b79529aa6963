import { main } from './cli';

// The exit code is set, not forced: output to a pipe may still be on its way.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
