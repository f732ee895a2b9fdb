// SIGHUP has the keyring looked at, and would end the process while nobody listens for it: before the
// keyring is open, and after it is closed. A rotation of keys may signal processes that are being
// restarted. So everything else is loaded after this.
process.on('SIGHUP', () => {});
const { runProcess } = await import('./process.ts');
const { start } = await import('./lifecycle.ts');
await runProcess(start, 'listening');
