// Plain JavaScript, so that a Node.js too old for this project can still read it and say so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(
    `This project needs Node.js 24.11 or later, and this is ${process.versions.node}: install a newer one from https://nodejs.org.\n`,
  );
  process.exit(3);
}
