// Loaded into the app by npm run dev. When that lets go of the app, or is gone itself, the app ends
// in order. It works where there are no signals, and after a kill that no signal tells of.
process.once('disconnect', () => {
  if (!process.emit('SIGTERM')) process.exit();
});
// To wait for this alone must not keep the app running.
process.channel?.unref();
