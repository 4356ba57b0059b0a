// Runs page.ts with what web/ has installed: vite reads TypeScript and finds the packages of web/browser.
import { fileURLToPath } from "node:url";
import { runnerImport } from "../../web/node_modules/vite/dist/node/index.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here("page.ts"), {
  root: here("../../web"),
  configFile: false,
});
process.exit(await module.main(process.argv.slice(2)));
