import process from 'node:process';

const system = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP)$/i,
  /^XDG_(DATA|CACHE|STATE|CONFIG)_HOME$/,
  /^(SystemRoot|ComSpec|PATHEXT|WINDIR|APPDATA|LOCALAPPDATA|USERPROFILE|ProgramFiles)$/i,
  /^(https?|no|all)_proxy$/i,
  /^(NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|SSL_CERT_FILE|SSL_CERT_DIR)$/,
  /^npm_config_(cache|registry|userconfig|globalconfig|cafile|prefer_offline)$/i,
  /^(CI|FORCE_COLOR|NO_COLOR)$/,
];

/**
 * What a generated project is run with: this machine's surroundings, and none of the settings that
 * happen to be set here, whose database or address would then be used.
 */
export function cleanEnvironment(settings: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    system.some((pattern) => pattern.test(name)),
  );
  return { ...Object.fromEntries(kept), ...settings };
}
