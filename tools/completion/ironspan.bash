# bash completion for ironspan

_ironspan_keys() {
	ironspan settings 2>/dev/null | sed -n '/^[a-z]/{/\*/d;s/$/=/;p}'
}

_ironspan_protocols() {
	ironspan --version 2>/dev/null | sed -n 's/^protocols: //p'
}

_ironspan_audit() {
	local options

	case ${COMP_WORDS[2]} in
	verify) options="--log --checkpoint --pub --witness --json" ;;
	checkpoint) options="--log --key --out" ;;
	request) options="--log --checkpoint --old" ;;
	cosign) options="--pub --key --held" ;;
	key) options="make show --name" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$1")
	[[ ${COMPREPLY[*]} ]] || mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_ironspan_incident() {
	local options="--store --registers --config --json --help
		$(ironspan incident "${COMP_WORDS[2]}" --help 2>/dev/null | sed -n '/^  --/p' |
			grep -o -- '--[a-z0-9-]*')"

	[[ ${COMP_WORDS[2]} == dismiss ]] &&
		options+=" false_positive authorised_change exercise duplicate"
	((COMP_CWORD == 2)) && options="list show alerts operations export backup retain ack assign
		note confirm dismiss reopen merge action contain resolve close set evidence rectify
		rectified lessons report approve forward submit --help"
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$1")
	[[ ${COMPREPLY[*]} ]] || mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_ironspan_collect() {
	if [[ $1 == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--url --folder --store --registers --config --once
			--remove --user --password-file --ca --cert --key --help" -- "$1")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
		compopt -o filenames
	fi
}

_ironspan_tier() {
	local options

	case ${COMP_WORDS[2]} in
	send) options="--to --type --lane --expires --by" ;;
	notice) options="--to --level --title --text --ack-by --report-back-by --indicators --by" ;;
	ack) options="--report --by" ;;
	status) options="--json" ;;
	export) options="--to --one-way" ;;
	import) options="--remove" ;;
	esac
	if [[ $1 == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$1")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
	fi
}

_ironspan_choices() {
	case ${COMP_WORDS[1]}$1 in
	incident--level) compgen -W "1 2 3 4" -- "$2" ;;
	tier--level) compgen -W "red orange yellow blue" -- "$2" ;;
	esac
	case $1 in
	--lang) compgen -W "zh en" -- "$2" ;;
	--format) compgen -W "json md html" -- "$2" ;;
	--kind) compgen -W "first progress final correction withdrawal" -- "$2" ;;
	--as) compgen -W "stix ocsf idmef iodef" -- "$2" ;;
	--tlp) compgen -W "white green amber red" -- "$2" ;;
	--redact) compgen -W "to-authority to-group to-sharing" -- "$2" ;;
	esac
}

_ironspan_report() {
	local options="--lang --format --out --registers"

	case ${COMP_WORDS[2]} in
	incident) options+=" --kind --profile --alerts --previous --reason --by --at --time-zone
		--redact --key --openings --store --save" ;;
	audit) options+=" --since --until --limit --store" ;;
	risk) options+=" --split --store" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$1")
	[[ ${COMPREPLY[*]} ]] || mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_ironspan_share() {
	local options="--out --at"

	case ${COMP_WORDS[2]} in
	export) options+=" --as --alerts --tlp --sector --exercise" ;;
	import) options+=" --source --verbose" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$1")
	[[ ${COMPREPLY[*]} ]] || mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_ironspan() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local options="-r --read -i --interface -q --queue -c --config -S --only-rules -s --also-rules -l --log-dir
		-k --checksums -f --filter --set --threads --events --registers --store --keep-duplicates
		--strict --fail-closed --dry-run --user
		--json --profile-rules -T --test -v --verbose -Q --quiet -h --help -V --version"

	COMPREPLY=()
	case $before in
	-r | --read | -c | --config | -S | --only-rules | -s | --also-rules)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames
		return
		;;
	-i | --interface)
		mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/net)" -- "$word")
		return
		;;
	-l | --log-dir | --registers | --shared | --store)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		compopt -o filenames
		return
		;;
	-k | --checksums)
		mapfile -t COMPREPLY < <(compgen -W "all none" -- "$word")
		return
		;;
	--events)
		mapfile -t COMPREPLY < <(compgen -P "${word%"${word##*,}"}" \
			-W "all alert anomaly asset flow health incident stats $(_ironspan_protocols)" -- "${word##*,}")
		compopt -o nospace
		return
		;;
	--set)
		mapfile -t COMPREPLY < <(compgen -W "$(_ironspan_keys)" -- "$word")
		compopt -o nospace
		return
		;;
	-f | --filter | -q | --queue | --threads)
		return
		;;
	fields)
		mapfile -t COMPREPLY < <(compgen -W "$(_ironspan_protocols) ot --json" -- "$word")
		return
		;;
	report)
		[[ ${COMP_WORDS[1]} == incident ]] && _ironspan_incident "$word" && return
		mapfile -t COMPREPLY < <(compgen -W "incident audit risk --help" -- "$word")
		return
		;;
	share)
		mapfile -t COMPREPLY < <(compgen -W "export import --help" -- "$word")
		return
		;;
	--lang | --format | --kind | --as | --tlp | --redact | --level)
		mapfile -t COMPREPLY < <(_ironspan_choices "$before" "$word")
		return
		;;
	audit)
		[[ ${COMP_WORDS[1]} == report ]] && _ironspan_report "$word" && return
		mapfile -t COMPREPLY < <(compgen -W "verify checkpoint request cosign key --help" -- "$word")
		return
		;;
	--log | --checkpoint | --pub | --witness | --key | --out | --held)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames
		return
		;;
	ctl)
		mapfile -t COMPREPLY < <(compgen -W "status stats interfaces assets reload rotate shutdown --help" -- "$word")
		return
		;;
	--socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--user)
		mapfile -t COMPREPLY < <(compgen -u -- "$word")
		return
		;;
	registers)
		mapfile -t COMPREPLY < <(compgen -W "check --help" -- "$word")
		return
		;;
	collect)
		mapfile -t COMPREPLY < <(compgen -W "--url --folder --help" -- "$word")
		return
		;;
	tier)
		mapfile -t COMPREPLY < <(compgen -W "run send notice ack checkpoint status export
			import --help" -- "$word")
		return
		;;
	rules)
		mapfile -t COMPREPLY < <(compgen -W "check show test" -- "$word")
		return
		;;
	esac
	if [[ ${COMP_WORDS[1]} == incident ]]; then
		_ironspan_incident "$word"
	elif [[ ${COMP_WORDS[1]} == audit ]]; then
		_ironspan_audit "$word"
	elif [[ ${COMP_WORDS[1]} == report ]]; then
		_ironspan_report "$word"
	elif [[ ${COMP_WORDS[1]} == share ]]; then
		_ironspan_share "$word"
	elif [[ ${COMP_WORDS[1]} == collect ]]; then
		_ironspan_collect "$word"
	elif [[ ${COMP_WORDS[1]} == ctl ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--socket --json --help" -- "$word")
	elif [[ ${COMP_WORDS[1]} == registers ]]; then
		mapfile -t COMPREPLY < <(compgen -d -W "--shared --help" -- "$word")
		compopt -o filenames
	elif [[ ${COMP_WORDS[1]} == tier ]]; then
		_ironspan_tier "$word"
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
	elif [[ ${COMP_WORDS[1]} == rules ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames
	elif ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "audit collect ctl fields incident registers report rules settings share
			tier" -- "$word")
	fi
}
complete -F _ironspan ironspan
