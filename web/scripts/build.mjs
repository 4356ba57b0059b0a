// Builds the page for `dotnet build`: installs what is missing, builds once, and leaves a stamp that MSBuild compares.
//
//   node scripts/build.mjs            install when needed, then build
//   node scripts/build.mjs install    install when needed
//
// Several builds of the gateway may run at once (two configurations, tests beside an IDE): a lock lets one of them
// work, and the others find its result. Exits 3 where this Node is too old, after one line that says so.
import { execSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(web, '.build-lock');
const stamp = join(web, 'dist', '.built');
const installed = join(web, 'node_modules', '.package-lock.json');
const inputs = [
  'src',
  'client',
  'vite',
  'public',
  'scripts',
  'index.html',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
];
const waitAtMost = 10 * 60_000;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.log(`Node.js ${process.versions.node} is too old to build the dashboard page (20.19 or newer is needed).`);
  process.exit(3);
}

await acquire();
try {
  if (changed(installed, ['package-lock.json'])) {
    run('npm ci --no-audit --no-fund');
  }
  if (process.argv[2] !== 'install' && changed(stamp, inputs)) {
    run('npm run --silent build');
    writeFileSync(stamp, '');
  }
} finally {
  rmSync(lock, { recursive: true, force: true });
}

/** Whether a file is missing or older than the newest of these. */
function changed(output, names) {
  if (!existsSync(output)) return true;
  const made = statSync(output).mtimeMs;
  return names.some((name) => newest(join(web, name)) > made);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(command) {
  try {
    execSync(command, { cwd: web, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    console.error(`${error.stdout ?? ''}${error.stderr ?? ''}`.trim());
    console.error(`"${command}" failed in web/. The gateway alone builds with -p:BuildWeb=false.`);
    rmSync(lock, { recursive: true, force: true });
    process.exit(1);
  }
}

async function acquire() {
  const giveUpAt = Date.now() + waitAtMost;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (abandoned()) rmSync(lock, { recursive: true, force: true });
    else if (Date.now() > giveUpAt) {
      console.error(`Another build holds ${lock}; remove the folder if none runs.`);
      process.exit(1);
    } else await new Promise((done) => setTimeout(done, 200));
  }
}

/** Left behind by a build that was killed: its process is gone, or it never wrote who it was. */
function abandoned() {
  try {
    const owner = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (owner > 0) {
      try {
        process.kill(owner, 0);
        return false;
      } catch (error) {
        return error.code === 'ESRCH';
      }
    }
    return Date.now() - statSync(lock).mtimeMs > 10_000;
  } catch {
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 10_000;
  }
}
