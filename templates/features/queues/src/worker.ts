// SIGHUP has the keyring looked at, as in main.ts: everything else is loaded after this.
process.on('SIGHUP', () => {});
const { runProcess } = await import('./process.ts');
const { startWorker } = await import('./platform/jobs/start-worker.ts');
await runProcess(startWorker, 'working');
