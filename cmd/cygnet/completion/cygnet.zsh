#compdef cygnet
# SPDX-FileCopyrightText: 2026 The Cygnet Authors
# SPDX-License-Identifier: MIT

# Completion of cygnet for zsh. Cygnet itself knows what to offer.
_cygnet() {
	local line
	local -a found
	for line in "${(@f)$(cygnet __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
		case $line in
		:file) _files ;;
		:host) _hosts ;;
		?*) found+=("$line") ;;
		esac
	done
	compadd -- "${found[@]}"
}

# Autoloaded, this file is the function's body; sourced, it defines it.
if [[ $funcstack[1] == _cygnet ]]; then
	_cygnet "$@"
else
	compdef _cygnet cygnet
fi
