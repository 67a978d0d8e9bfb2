# The exporter and Node.js, with nothing around them: no shell, no package manager, no npm.
#   docker build -t mysql-query-exporter .
#   docker run -p 9104:9104 -v ./targets.yml:/etc/mysql-query-exporter/targets.yml:ro mysql-query-exporter
# Where password_command needs other programs, put it on a Debian that has them:
#   docker build -t mysql-query-exporter --build-arg BASE=debian:bookworm-slim .

# To pin what it is built of, append the digest that this prints, and renew it with each release:
#   docker buildx imagetools inspect node:24-bookworm-slim --format '{{.Manifest.Digest}}'
ARG NODE_IMAGE=node:24-bookworm-slim
ARG BASE=scratch

FROM ${NODE_IMAGE} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json ./
COPY tools/build ./tools/build
COPY src ./src
RUN npm run build
# Node.js without its symbols, and the libraries that it is linked to.
# In folders as Debian has them: /lib and /lib64 are links.
RUN mkdir -p /image/usr/local/bin /image/usr/lib /image/usr/lib64 /image/etc/mysql-query-exporter /image/tmp \
 && ln -s usr/lib /image/lib && ln -s usr/lib64 /image/lib64 && chmod 1777 /image/tmp \
 && strip -o /image/usr/local/bin/node "$(command -v node)" \
 && for library in $(ldd "$(command -v node)" | grep -o '/[^ ]*'); do \
      mkdir -p "/image$(dirname "$library")" && cp -L "$library" "/image$library"; \
    done
COPY package.json LICENSE /image/app/
COPY queries /image/app/queries
RUN cp -r dist /image/app/dist

FROM ${BASE}
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="mysql-query-exporter" \
      org.opencontainers.image.description="Prometheus exporter for MySQL and MariaDB: one process watches hundreds of servers" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# The limits of the heap follow the memory that the container may have: V8 itself takes 259 MiB for one of 128 MiB.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-old-space-size-percentage=50 --max-semi-space-size=8" \
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
