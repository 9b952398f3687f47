#!/usr/bin/env bash
# Runs test projects that are built, one after another (they share the cores, and some measure time), and sums up.
#
#   run-tests.sh [name...]      e.g. Core Integration; all of tests/*.Tests when none is named
#
# Shows each test that took a second or more, each failure, each skipped test with its reason, and ends with the line
# "N passed, N failed, N skipped". Exits with 1 when anything failed. Results stay in TestResults/*.xml.
#
# When all projects are done, each test that failed is run once more, alone in a new process. One that passes then counts as
# passed and is named; one that fails twice has failed. More than RERUN_LIMIT failures are a breakage, and are not run again.
#
#   CONFIGURATION     Debug or Release. Default Release
#   STALL_TIMEOUT     a project in which no test ends for so many seconds is stopped, and fails. Default 300; 2100 for K3s, whose one test is a long story with a limit of its own
#   TEST_TIMEOUT      for one project, as of timeout(1). Default 40m
#   RERUN_LIMIT       Default 10; 0 runs nothing again
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

configuration=${CONFIGURATION:-Release}
limit=${TEST_TIMEOUT:-40m}
rerun_limit=${RERUN_LIMIT:-10}
results=$PWD/TestResults
heartbeat=30

projects=()
if [ $# -gt 0 ]; then
  for name in "$@"; do projects+=("RedisTopology.$name.Tests"); done
else
  # The quick ones first; what needs a cluster last.
  for name in Core Kubernetes Operator; do [ -d "tests/RedisTopology.$name.Tests" ] && projects+=("RedisTopology.$name.Tests"); done
  for folder in tests/*.Tests; do
    case ${folder##*/} in
      *.Core.* | *.Kubernetes.* | *.Operator.* | *.Integration.* | *.K3s.*) ;;
      *) projects+=("${folder##*/}") ;;
    esac
  done
  for name in Integration K3s; do [ -d "tests/RedisTopology.$name.Tests" ] && projects+=("RedisTopology.$name.Tests"); done
fi

# Prints "passed failed skipped" of a result file, then "- test<tab>class.method" of each failed and "~ test<tab>reason" of each
# skipped test.
read_results() {
  awk '
    function attribute(name,   at) {
      if (!match($0, " " name "=\"[^\"]*\"")) return ""
      at = RSTART + length(name) + 3
      return substr($0, at, RSTART + RLENGTH - 1 - at)
    }
    function plain(text) {
      gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      gsub(/[\r\n]+/, " ", text); gsub(/\\"/, "\"", text)
      return text
    }
    BEGIN { RS = "<" }
    /^assembly / && !seen { seen = 1; print attribute("passed"), attribute("failed") + attribute("errors"), attribute("skipped") }
    /^test / { test = attribute("name"); result = attribute("result"); if (result == "Fail") print "- " plain(test) "\t" plain(attribute("type") "." attribute("method")) }
    /^reason>/ { collecting = 1; reason = "" }
    collecting && /^\/reason>/ { collecting = 0; print "~ " plain(test) "\t" plain(reason) }
    # Split at every "<": the record of the tag and that of the CDATA are taken off, a "<" within the text is put back.
    collecting { text = $0; if (!sub(/^reason>/, "", text) && !sub(/^!\[CDATA\[/, "", text)) text = "<" text; sub(/\]\]>$/, "", text); reason = reason text }
  ' "$1"
}

# Passes on what a person wants to see of the runner: failures, skips, slow tests, and a sign of life. Stops a runner that stands still.
progress() { # project, file with the runner's pid
  local name=$1 line finished=0 running='' seconds status last=$SECONDS started=$SECONDS ended=$SECONDS stall_limit
  case $name in *.K3s.*) stall_limit=${STALL_TIMEOUT:-2100} ;; *) stall_limit=${STALL_TIMEOUT:-300} ;; esac
  while true; do
    IFS= read -r -t $heartbeat line
    status=$?
    if [ $status -eq 0 ]; then
      case $line in
        *' [STARTING]') running=${line# *} running=${running%% \[STARTING\]*} ;;
        *' [FINISHED] Time: '*)
          finished=$((finished + 1)) ended=$SECONDS
          seconds=${line##* Time: } seconds=${seconds%s}
          case $seconds in 0 | 0.* | *E*) ;; *) line=${line#"${line%%[! ]*}"}; printf '  %6.1f s  %s\n' "$seconds" "${line%% \[FINISHED\]*}" ;; esac ;;
        '' | *'Discovering: '* | *'Discovered: '* | *'Starting: '* | *'Finished: '* | '=== TEST EXECUTION SUMMARY ==='* | *" $name "*'Total: '*) ;;
        *) printf '  %s\n' "$line" ;;
      esac
    elif [ $status -le 128 ]; then
      break
    fi
    if [ $((SECONDS - last)) -ge $heartbeat ]; then
      printf '  ... %d tests in %d s, at %s\n' "$finished" $((SECONDS - started)) "${running#"${running%%[! ]*}"}"
      last=$SECONDS
    fi
    if [ $((SECONDS - ended)) -ge "$stall_limit" ]; then
      printf '  no test ended for %d s: stopped. Running: %s\n' "$stall_limit" "${running#"${running%%[! ]*}"}"
      kill "$(cat "$2")" 2> /dev/null
      ended=$SECONDS
    fi
  done
}

# Prepared here, where its progress is seen, and not within the first test that needs it.
prepare_control_plane() {
  [ -z "${REDIS_TOPOLOGY_TEST_KUBECONFIG:-}" ] || return 0
  # K3s brings its own.
  [ "${projects[*]}" != RedisTopology.K3s.Tests ] || return 0
  tests/scripts/control-plane.sh > /dev/null || echo "run-tests: no control plane: tests that need one will fail or be skipped"
}

# Built here, where it is seen, and not within the one test that needs them.
prepare_images() {
  local setting settings
  case " ${projects[*]} " in *' RedisTopology.K3s.Tests '*) ;; *) return 0 ;; esac
  [ -z "${REDIS_TOPOLOGY_K3S_KUBECONFIG:-}" ] || return 0
  settings=$(tests/scripts/k3s-images.sh) || { echo "run-tests: the images for k3s could not be built: the tests on it will be skipped, or fail where they are required"; return 0; }
  for setting in $settings; do export "${setting?}"; done
}

# Runs a test project; arguments after the result file go to the runner.
run_project() { # project, result file, arguments...
  local project=$1 xml=$2
  shift 2
  rm -f "$xml"
  # timeout(1) passes a signal on to what it runs.
  sh -c 'echo $$ > "$1"; shift; exec "$@"' - "$xml.pid" timeout --kill-after=30s "$limit" dotnet "tests/$project/bin/$configuration/net10.0/$project.dll" \
    -noLogo -noColor -noAutoReporters -reporter verbose -result-xml "$xml" "$@" < /dev/null 2>&1 | progress "$project" "$xml.pid"
  return "${PIPESTATUS[0]}"
}

# Whether a test passes alone. A method with several rows of data is narrowed down to the row by its name where the runner can tell
# rows apart beforehand; else all of them run, and only this one counts.
passes_alone() { # project, test, class.method, result file
  local project=$1 test=$2 method=$3 xml=$4 counts=''
  # A star would be a wildcard.
  if [ "${test#*\*}" = "$test" ]; then
    run_project "$project" "$xml" -preEnumerateTheories -method "$method" -displayName "$test" || true
    read -r counts < <(read_results "$xml" 2> /dev/null)
  fi
  [ "${counts:-0 0 0}" != '0 0 0' ] || run_project "$project" "$xml" -method "$method" || true
  [ -s "$xml" ] || return 1
  read_results "$xml" | awk -F '\t' -v test="- $test" '
    NR == 1 { split($0, count, " "); ran = count[1] + count[2] > 0; next }
    # The name is all there is to know rows by; an error of the class is everyone'\''s.
    substr($0, 1, 2) == "- " { named++; if ($1 == test) failed = 1 }
    END { exit !(ran && !failed && count[2] == named + 0) }'
}

mkdir -p "$results"
rm -f "$results"/again-*.xml
passed=0 failed=0 skipped=0 table='' notes='' again=() mended=()
prepare_control_plane
prepare_images
for project in "${projects[@]}"; do
  dll=tests/$project/bin/$configuration/net10.0/$project.dll
  xml=$results/$project.xml
  echo "== $project"
  began=$SECONDS
  if [ ! -f "$dll" ]; then
    echo "  $dll is not there: run make build"
    failed=$((failed + 1)) notes+="- $project: not built"$'\n' table+=$(printf '%-36s %s' "$project" 'not built')$'\n'
    continue
  fi
  run_project "$project" "$xml"
  status=$?

  p=0 f=0 s=0 details=''
  [ -s "$xml" ] && { read -r p f s; details=$(cat); } < <(read_results "$xml")
  : "${p:=0}" "${f:=0}" "${s:=0}"
  if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    f=$((f + 1)) details+=$'\n'"- $project: not finished within $limit"
  elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
    f=1 details+=$'\n'"- $project: the runner ended with exit code $status"
  elif [ ! -s "$xml" ]; then
    f=1 details+=$'\n'"- $project: wrote no results"
  elif [ $((p + f + s)) -eq 0 ]; then
    f=1 details+=$'\n'"- $project: has no tests"
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  while IFS=$'\t' read -r test method; do
    [ -z "$method" ] || again+=("$project"$'\t'"${test#- }"$'\t'"$method")
  done < <(grep '^- ' <<< "$details")
  notes+=$(cut -f 1 <<< "$(grep '^- ' <<< "$details")")$'\n'$(grep '^~ ' <<< "$details")$'\n'
  row=$(printf '%-36s %5d passed %3d failed %3d skipped %5d s' "$project" "$p" "$f" "$s" $((SECONDS - began)))
  echo "  ${row#"$project"}" | tr -s ' '
  table+=$row$'\n'
done

if [ ${#again[@]} -gt 0 ] && [ ${#again[@]} -le "$rerun_limit" ]; then
  echo "== once more, each alone: what failed"
  number=0
  for entry in "${again[@]}"; do
    IFS=$'\t' read -r project test method <<< "$entry"
    number=$((number + 1))
    echo "  -- $test"
    if passes_alone "$project" "$test" "$method" "$results/again-$number.xml"; then
      echo '     passed'
      mended+=("$test")
      passed=$((passed + 1)) failed=$((failed - 1))
    else
      echo '     failed again'
    fi
  done
fi

echo
printf '%s' "$table"
if grep -q '^~ ' <<< "$notes"; then
  printf '\nSkipped:\n'
  # Tests that lack the same thing together, under the reason.
  grep '^~ ' <<< "$notes" | awk '
    { at = index($0, "\t"); test = substr($0, 3, at - 3); reason = substr($0, at + 1)
      if (length(test) > 150) test = substr(test, 1, 147) "..."
      if (!(reason in tests)) order[++n] = reason
      tests[reason] = tests[reason] "    " test "\n" }
    END { for (i = 1; i <= n; i++) printf "  %s\n%s", order[i], tests[order[i]] }'
fi
if [ ${#mended[@]} -gt 0 ]; then
  printf '\nPassed on a second run: %d\n' ${#mended[@]}
  printf '  %s\n' "${mended[@]}"
fi
if [ "$failed" -gt 0 ]; then
  printf '\nFailed:\n'
  sed -n 's/^- /  /p' <<< "$notes" | grep -vxF -f <(printf '  %s\n' "${mended[@]}")
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
