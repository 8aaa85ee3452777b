namespace ThinFuse.Cli.Completion;

/// <summary>What each shell needs to ask <c>thinfuse</c> itself what may come next.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells that have a script.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish"];

    // bash breaks words at '@' and ':', so what stands before the last break is taken off again.
    private const string Bash = """
        # bash completion for thinfuse; load it with: source <(thinfuse completion bash)
        _thinfuse() {
            local typed="${COMP_LINE:0:COMP_POINT}" item
            local word="${typed##*[[:space:]]}" prefix
            prefix="${word%"${COMP_WORDS[COMP_CWORD]}"}"
            [[ "${COMP_WORDS[COMP_CWORD]}" == [@:=] ]] && prefix="$word"
            COMPREPLY=()
            while IFS= read -r item; do
                [[ "$item" == "$word"* ]] && COMPREPLY+=("${item#"$prefix"}")
            done < <(thinfuse "[suggest:${COMP_POINT}]" "$COMP_LINE" 2>/dev/null)
            [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == */ ]] && compopt -o nospace
            return 0
        }
        complete -o default -F _thinfuse thinfuse
        """;

    private const string Zsh = """
        #compdef thinfuse
        # zsh completion for thinfuse; load it with: source <(thinfuse completion zsh)
        _thinfuse() {
            local -a items
            items=("${(@f)$(thinfuse "[suggest:${CURSOR}]" "$BUFFER" 2>/dev/null)}")
            compadd -S '' -M 'l:|=* r:|=*' -- "${(@)items:#}" || _files
        }
        compdef _thinfuse thinfuse
        """;

    private const string Fish = """
        # fish completion for thinfuse; load it with: thinfuse completion fish | source
        function __thinfuse_complete
            set -l line (commandline -cp)
            thinfuse "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c thinfuse -a '(__thinfuse_complete)'
        """;

    /// <summary>The script of one of <see cref="Shells"/>.</summary>
    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "There is no such shell here."),
    };
}
