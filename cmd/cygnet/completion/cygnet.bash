# SPDX-FileCopyrightText: 2026 The Cygnet Authors
# SPDX-License-Identifier: MIT

# Completion of cygnet for bash 4.3 and later. Cygnet itself knows what to offer.
_cygnet() {
	local cur=${COMP_WORDS[COMP_CWORD]} words=() word line i
	# Readline splits words at : and =, and hands these over as words.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]})) && [[ $word == [:=]* || ${COMP_WORDS[i - 1]} == *[:=] ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
	# It replaces only what follows the last of them.
	[[ $cur == [:=]* ]] && cur=
	local kept=${words[-1]%"$cur"}
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:file)
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${cur#[\"\']}")
			;;
		:host)
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -A hostname -- "${cur#[\"\']}")
			;;
		*)
			[[ $cur == [\"\']* ]] || printf -v line %q "$line"
			COMPREPLY+=("${line#"$kept"}")
			;;
		esac
	done < <(cygnet __complete "${words[@]}" 2>/dev/null)
	# A line of the language goes on inside its quotes.
	[[ $cur == [\"\']* ]] && compopt -o nospace
	return 0
}
complete -F _cygnet cygnet
