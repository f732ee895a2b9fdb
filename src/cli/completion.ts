import type { Command } from 'commander';
import { databasePlaces, targets } from '../catalog/deploy/targets.ts';
import { catalog, offeredIn, tiers } from '../catalog/features.ts';
import { packageManagers } from '../catalog/questions.ts';
import { shells } from './commands/completion.ts';
import { rotationSteps } from './commands/rotate-keys.ts';
import { webhookActions } from './commands/webhooks.ts';

/** What a shell can offer in a place: words, or the names of files or folders. */
type Offer = readonly string[] | 'files' | 'folders';

interface Flag {
  readonly name: string;
  readonly about: string;
  /** What may follow it; undefined for a flag that takes nothing. */
  readonly value: Offer | undefined;
}

interface Entry {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  readonly values: Offer;
}

const programs = 'shipkit create-shipkit';

const features = offeredIn(catalog).map(({ name }) => name);

const flagValues: Readonly<Record<string, Offer>> = {
  '--tier': tiers,
  '--package-manager': packageManagers,
  '--features': features,
  '--without': features,
  '--cwd': 'folders',
  '--config': 'files',
  '--target': targets,
  '--db': databasePlaces,
};

/** A script that completes what the program understands, for one shell. */
export function completionScript(program: Command, shell: (typeof shells)[number]): string {
  const writers = { bash, zsh, fish };
  return writers[shell](entriesOf(program));
}

function entriesOf(program: Command): Entry[] {
  const help = { name: 'help', about: 'Show the help of a command', flags: [] };
  const names = program.commands.map((command) => command.name());
  const values: Readonly<Record<string, Offer>> = {
    add: features,
    'add-domain': features,
    remove: features,
    'remove-domain': features,
    completion: shells,
    create: 'folders',
    diff: 'files',
    'rotate-keys': rotationSteps,
    webhooks: webhookActions,
  };
  const known = program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    flags: flagsOf(command),
    values: values[command.name()] ?? [],
  }));
  return [...known, { ...help, values: names }];
}

function flagsOf(command: Command): Flag[] {
  const own = command.options.map(({ long, description, required, optional }) => ({
    name: long ?? '',
    about: description,
    value: required || optional ? (flagValues[long ?? ''] ?? []) : undefined,
  }));
  return [...own, { name: '--help', about: 'show this help', value: undefined }];
}

/** Bash 3.2, which macOS still has, knows neither `mapfile` nor associative arrays. */
function bash(entries: readonly Entry[]): string {
  return `# Completion of shipkit for bash: eval "$(shipkit completion bash)"
_shipkit() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command="" at=1
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[at]}" in
      -*) ;;
      *) command="\${COMP_WORDS[at]}"; break ;;
    esac
    at=$((at + 1))
  done
  COMPREPLY=()
  case "$prev" in
${valued(entries)
  .map(({ name, value }) => `    ${name}) ${bashOffer(value)}; return ;;`)
  .join('\n')}
  esac
  case "$command" in
    "") COMPREPLY=($(compgen -W "${entries.map(({ name }) => name).join(' ')} --help --version" -- "$cur")) ;;
${entries
  .map(
    ({ name, flags, values }) => `    ${name})
      case "$cur" in
        -*) COMPREPLY=($(compgen -W "${flags.map((flag) => flag.name).join(' ')}" -- "$cur")) ;;
        *) ${bashOffer(values)} ;;
      esac
      ;;`,
  )
  .join('\n')}
  esac
}
complete -F _shipkit ${programs}
`;
}

function bashOffer(value: Offer): string {
  if (value === 'files') return 'COMPREPLY=($(compgen -f -- "$cur"))';
  if (value === 'folders') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  return `COMPREPLY=($(compgen -W "${value.join(' ')}" -- "$cur"))`;
}

function zsh(entries: readonly Entry[]): string {
  return `#compdef ${programs}
# Completion of shipkit for zsh: eval "$(shipkit completion zsh)"
_shipkit() {
  local command="" word
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  case "\${words[CURRENT-1]}" in
${valued(entries)
  .map(({ name, value }) => `    ${name}) ${zshOffer(value)}; return ;;`)
  .join('\n')}
  esac
  case "$command" in
    "")
      offered=(${described(entries).join(' ')})
      _describe command offered
      ;;
${entries
  .map(
    ({ name, flags, values }) => `    ${name})
      if [[ "\${words[CURRENT]}" == -* ]]; then
        offered=(${described(flags).join(' ')})
        _describe option offered
      else
        ${zshOffer(values)}
      fi
      ;;`,
  )
  .join('\n')}
  esac
}
compdef _shipkit ${programs}
`;
}

function zshOffer(value: Offer): string {
  if (value === 'files') return '_files';
  if (value === 'folders') return '_files -/';
  return value.length === 0 ? ':' : `compadd -- ${value.join(' ')}`;
}

/** As _describe takes them: `name:what it is`. */
function described(items: readonly { name: string; about: string }[]): string[] {
  return items.map(({ name, about }) => quoted(`${name}:${about.replaceAll(':', String.raw`\:`)}`));
}

function fish(entries: readonly Entry[]): string {
  const lines = programs
    .split(' ')
    .flatMap((program) => [
      `complete -c ${program} -f`,
      ...entries.map(
        ({ name, about }) =>
          `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
      ),
      ...entries.flatMap((entry) => fishCommand(program, entry)),
    ]);
  return `# Completion of shipkit for fish: shipkit completion fish | source\n${lines.join('\n')}\n`;
}

function fishCommand(program: string, { name, flags, values }: Entry): string[] {
  const start = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
  const flagLines = flags.map((flag) => {
    const value =
      flag.value === undefined
        ? ''
        : ` ${flag.value === 'files' ? '-r' : '-x'} ${fishOffer(flag.value)}`;
    return `${start} -l ${flag.name.slice(2)} -d ${quoted(flag.about)}${value}`;
  });
  return values.length === 0 ? flagLines : [...flagLines, `${start} ${fishOffer(values)}`];
}

function fishOffer(value: Offer): string {
  if (value === 'files') return '-F';
  return `-a ${quoted(value === 'folders' ? '(__fish_complete_directories)' : value.join(' '))}`;
}

/** The flags that take a value, each once. */
function valued(entries: readonly Entry[]): { name: string; value: Offer }[] {
  const all = entries.flatMap(({ flags }) => flags);
  const values = new Map(
    all.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );
  return [...values].map(([name, value]) => ({ name, value }));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
