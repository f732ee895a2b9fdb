// Loaded into the app by npm run dev, to which it is connected by a channel.
import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';

// Tells when the app listens: asking its port would not do, since another app may answer there.
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = (message as { server: Server }).server.address();
  if (process.connected && address && typeof address === 'object') process.send?.(address.port);
});

// When npm run dev lets go of the app, or is gone itself, the app ends in order. This works where
// there are no signals, and after a kill that no signal tells of.
process.once('disconnect', () => {
  if (!process.emit('SIGTERM')) process.exit();
});
// The log has nowhere to go then, which must not keep the app from ending in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
// To wait for this alone must not keep the app running.
process.channel?.unref();
