/** `npm run cli -- …`: builds when needed, without a word on standard output, then runs the administrators' command line. */
import { buildWhenNeeded } from './build.mjs';

buildWhenNeeded({ quiet: true });
await import('../dist/src/cli.js');
