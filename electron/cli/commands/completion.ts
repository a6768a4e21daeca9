// millwright completion bash | zsh | fish: a script that completes commands and options, made from the commands themselves.
import type { Command } from 'commander';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';

interface Words { readonly path: string; readonly words: readonly string[] }

/** For each command path ("", "model", "model show") the words that may follow. */
export function completionWords(command: Command, path = ''): Words[] {
  const options = command.options.filter((option) => !option.hidden).map((option) => option.long ?? option.short ?? '');
  const children = command.commands.filter((child) => child.name() !== 'help');
  return [{ path, words: [...children.map((child) => child.name()), ...options, '--help'] },
    ...children.flatMap((child) => completionWords(child, path === '' ? child.name() : `${path} ${child.name()}`))];
}

const bash = (words: readonly Words[]) => `# bash completion for millwright: millwright completion bash > /etc/bash_completion.d/millwright
_millwright() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case " ${words.map(({ path }) => path).filter((path) => path !== '').map((path) => path.replace(/ /g, '_')).join(' ')} " in *" \${path:+\${path}_}$word "*) path="\${path:+\${path}_}$word" ;; esac ;; esac
  done
  local words=""
  case "$path" in
${words.map(({ path, words: list }) => `    "${path.replace(/ /g, '_')}") words="${list.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _millwright millwright
`;

const fish = (words: readonly Words[]) => ['# fish completion for millwright: millwright completion fish > ~/.config/fish/completions/millwright.fish',
  ...words.map(({ path, words: list }) => {
    const when = path === '' ? '__fish_use_subcommand' : path.split(' ').map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ');
    return list.map((word) => (word.startsWith('--') ? `complete -c millwright -n '${when}' -l ${word.slice(2)}` : `complete -c millwright -n '${when}' -a ${word}`)).join('\n');
  })].join('\n');

export function registerCompletion(program: Command, cli: CliContext): void {
  program.command('completion <shell>').description('print a completion script for bash, zsh or fish')
    .addHelpText('after', '\nExample:\n  millwright completion bash > /etc/bash_completion.d/millwright')
    .action(cli.action(async (shell: string) => {
      const words = completionWords(program);
      const scripts: Readonly<Record<string, () => string>> = { bash: () => bash(words), zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`, fish: () => fish(words) };
      const make = scripts[shell];
      if (!make) throw new AppError('BAD_USAGE', `There is no completion for "${shell}".`, { hint: 'Use bash, zsh or fish.' });
      const script = make();
      cli.result({ shell, script }, script);
    }));
}
