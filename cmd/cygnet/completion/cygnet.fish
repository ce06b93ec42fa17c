# SPDX-FileCopyrightText: 2026 The Cygnet Authors
# SPDX-License-Identifier: MIT

# Completion of cygnet for fish. Cygnet itself knows what to offer.
function __cygnet_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc) "$typed"
    for line in (cygnet __complete $words[2..-1] 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path "$typed"
            case :host
                __fish_print_hostnames
            case '*'
                echo $line
        end
    end
end
complete -c cygnet -f -a '(__cygnet_complete)'
