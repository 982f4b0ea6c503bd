"""What `tfdis completion bash` prints: completion of commands, kinds, flags and files."""

from collections.abc import Iterable

_SHELLS = ("bash",)
# Flags are asked of each command once in a shell, so that they are those of the installed version.
_BASH = """\
# Completion of tfdis in bash. Once: tfdis completion bash > ~/.local/share/bash-completion/completions/tfdis
# or, for one shell: eval "$(tfdis completion bash)"
declare -gA _tfdis_flags
_tfdis() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}}
  # Bash takes "=" for a word of its own.
  if [[ $word == "=" ]]; then word=""; fi
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "{commands}" -- "$word"))
  elif [[ $command == list ]]; then
    COMPREPLY=($(compgen -W "{kinds}" -- "$word"))
  elif [[ $command == completion ]]; then
    COMPREPLY=($(compgen -W "{shells}" -- "$word"))
  elif [[ $word == -* ]]; then
    if [[ -z ${{_tfdis_flags[$command]}} ]]; then
      _tfdis_flags[$command]=$("${{COMP_WORDS[0]}}" "$command" --help 2>/dev/null |
        sed -n 's/^  --\\(\\[no\\]\\)\\{{0,1\\}}\\([a-zA-Z_]*\\):.*/--\\2/p')
    fi
    COMPREPLY=($(compgen -W "${{_tfdis_flags[$command]}}" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -o bashdefault -F _tfdis tfdis
"""


def completion(shell: str, commands: Iterable[str], kinds: Iterable[str]) -> str:
    """A script that completes the words after `tfdis`.

    Args:
        shell: name of the shell: "bash".
        commands: words that may follow first.
        kinds: words that may follow `tfdis list`.

    Raises:
        ValueError: another shell.
    """
    if shell not in _SHELLS:
        raise ValueError(f"Expected tfdis completion {' or '.join(_SHELLS)}. Received: {shell}.")
    words = {"commands": commands, "kinds": kinds, "shells": _SHELLS}
    return _BASH.format(**{name: " ".join(given) for name, given in words.items()})
