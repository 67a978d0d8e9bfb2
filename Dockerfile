# The exporter alone. Configuration of your own: mount it over /app/targets.yml (and /app/queries).
#   docker build -t mysql-query-exporter .
#   docker run -p 9104:9104 -v ./targets.yml:/app/targets.yml:ro mysql-query-exporter

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json targets.yml ./
COPY queries ./queries
# A number: Kubernetes' runAsNonRoot refuses names.
USER 1000:1000
EXPOSE 9104
# Says that the process answers; whether it has a valid configuration is /-/ready.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "dist/cli.js", "healthcheck"]
# No shell in between: node itself gets the SIGTERM of `docker stop`. SIGUSR1 is the program's own, see no-inspector.ts:
# --disable-sigusr1 is unknown to Node.js 20, which is supported too.
ENTRYPOINT ["node", "dist/cli.js"]
