#!/usr/bin/env bash
# Every shell script parses, in the shell its first line names; shellcheck has a look where it is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts=(.ci/run)
while IFS= read -r file; do scripts+=("$file"); done < <(find src tests -name '*.sh' -not -path '*/bin/*' -not -path '*/obj/*' | sort)
failed=0
for script in "${scripts[@]}"; do
  case $(head -n 1 "$script") in
    '#!/bin/sh') sh -n "$script" || failed=1 ;;
    '#!/usr/bin/env bash') bash -n "$script" || failed=1 ;;
    *) echo "$script: its first line is neither #!/bin/sh nor #!/usr/bin/env bash"; failed=1 ;;
  esac
done

if command -v shellcheck > /dev/null; then
  shellcheck --severity=warning "${scripts[@]}" || failed=1
else
  echo "check-shell: shellcheck is not installed, only the syntax was checked"
fi
[ $failed = 0 ] && echo "check-shell: ${#scripts[@]} scripts are fine"
exit $failed
