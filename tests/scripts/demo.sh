#!/usr/bin/env bash
# The demo, wherever it can run. Arguments: --kubeconfig PATH (an existing cluster), --once (end after the show).
#
#   with --kubeconfig       on that cluster
#   as root on Linux        on a control plane of its own; what is missing is installed on Debian and Ubuntu
#   else, with Docker       the same, inside a container
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'demo: %s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }

# Debian-based or Ubuntu-based, with the .NET SDK 10.
image=${DEMO_IMAGE:-mcr.microsoft.com/dotnet/sdk:10.0}

need_dotnet() { command -v dotnet > /dev/null || die "no dotnet on PATH. Install the .NET SDK 10: https://dotnet.microsoft.com/download"; }

build_and_run() {
  say "building (a minute or two on the first run)"
  dotnet build -c "${CONFIGURATION:-Release}" -nologo --nodeReuse:false -v quiet '-clp:NoSummary;ErrorsOnly' tests/RedisTopology.Demo
  exec dotnet "tests/RedisTopology.Demo/bin/${CONFIGURATION:-Release}/net10.0/RedisTopology.Demo.dll" "$@"
}

in_docker() {
  local terminal=()
  [ ! -t 0 ] || terminal=(-it)
  say "not root: running in a privileged container of $image"
  # The working copy is not written to: what is built inside would belong to root.
  exec docker run --rm "${terminal[@]}" --privileged -e "CI=${CI:-}" -e DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    -v "$PWD:/repository:ro" -v redis-topology-cache:/root/.cache -v redis-topology-nuget:/root/.nuget "$image" \
    bash -c 'mkdir /demo && tar -C /repository --exclude=bin --exclude=obj --exclude=.git -c . | tar -C /demo -x && exec /demo/tests/scripts/demo.sh "$@"' demo "$@"
}

case " $* " in
  *' --kubeconfig '*)
    need_dotnet
    build_and_run "$@"
    ;;
esac

if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; then
  need_dotnet
  if command -v apt-get > /dev/null; then tests/scripts/install-test-deps.sh; fi
  # Prepared here, where its progress is seen; brings a kubectl where the release's binaries are used.
  PATH=$PATH:$(tests/scripts/control-plane.sh)
  build_and_run "$@"
elif docker info > /dev/null 2>&1; then
  in_docker "$@"
else
  die "pods are processes in namespaces, which takes root on Linux. Remedy: run as root (sudo make demo), or start Docker," \
    "or name an existing cluster (make demo KUBECONFIG=~/.kube/config)"
fi
