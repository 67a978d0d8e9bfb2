# The exporter and Node.js, with nothing around them: no shell, no package manager, no npm.
#   docker build -t mysql-query-exporter .
#   docker run -p 9104:9104 -v ./targets.yml:/etc/mysql-query-exporter/targets.yml:ro mysql-query-exporter
# Where password_command needs other programs, put it on a Debian that has them:
#   docker build -t mysql-query-exporter --build-arg BASE=debian:bookworm-slim .
# docs/guides/install.md has the rest.

# To pin what it is built of, append the digest that this prints, and renew it with each release:
#   docker buildx imagetools inspect node:24-bookworm-slim --format '{{.Manifest.Digest}}'
ARG NODE_IMAGE=node:24-bookworm-slim
# The stage of that name below.
ARG BASE=bare

FROM ${NODE_IMAGE} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
# Node.js without its symbols, an eighth of it; and its licence.
RUN mkdir -p /node/usr/local/bin /node/usr/share/doc/node \
 && strip -o /node/usr/local/bin/node "$(command -v node)" && cp /usr/local/LICENSE /node/usr/share/doc/node/
# The libraries that it is linked to, in folders as Debian has them (/lib and /lib64 are links), and their licences.
RUN mkdir -p /bare/usr/lib /bare/usr/lib64 /bare/tmp && chmod 1777 /bare/tmp \
 && ln -s usr/lib /bare/lib && ln -s usr/lib64 /bare/lib64 \
 && for library in $(ldd "$(command -v node)" | grep -o '/[^ ]*'); do \
      mkdir -p "/bare$(dirname "$library")" && cp -L "$library" "/bare$library" \
      && package=$(dpkg-query --search "*/$(basename "$library")" | sed 's/:.*//;q') \
      && mkdir -p "/bare/usr/share/doc/$package" && cp -L "/usr/share/doc/$package/copyright" "/bare/usr/share/doc/$package/" \
      || exit 1; \
    done
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Where the network has an authority of its own:  docker build --secret id=authorities,src=/etc/ssl/certs/ca-certificates.crt .
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=authorities \
    if [ -e /run/secrets/authorities ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/authorities; fi; \
    npm ci --ignore-scripts
COPY tsconfig.json ./
COPY tools/build ./tools/build
COPY src ./src
RUN npm run build

FROM scratch AS bare
COPY --from=build /bare /

FROM ${BASE}
# What changes least comes first: a newer release shares the layers before its own.
COPY --from=build /node /
COPY package.json LICENSE /app/
COPY queries /app/queries
COPY --from=build /build/dist /app/dist
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mysql-query-exporter" \
      org.opencontainers.image.description="Prometheus exporter for MySQL and MariaDB: one process watches hundreds of servers" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The limit of the heap follows the memory that the container may have: V8 itself takes 259 MiB for one of 128 MB
# (npm run bench:container, docs/guides/install.md). malloc would give each thread that compiles or compresses memory of
# its own, and keep what a peak has left there: up to 20 MiB.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-old-space-size-percentage=50" \
    MALLOC_ARENA_MAX=1 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /etc/mysql-query-exporter
# A number: Kubernetes' runAsNonRoot refuses names.
USER 1000:1000
EXPOSE 9104
# Says that the process answers; whether it has a valid configuration is /-/ready.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/dist/cli.js", "healthcheck"]
# No shell in between: node itself gets the SIGTERM of `docker stop`. SIGUSR1 is the program's own, see no-inspector.ts:
# --disable-sigusr1 is unknown to Node.js 20, which is supported too.
ENTRYPOINT ["node", "/app/dist/cli.js"]
