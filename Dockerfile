# The exporter alone. Configuration of your own: mount it over /app/targets.yml (and /app/queries).
#   docker build -t mysql-query-exporter .
#   docker run -p 9104:9104 -v ./targets.yml:/app/targets.yml:ro mysql-query-exporter

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json targets.yml ./
COPY queries ./queries
USER node
EXPOSE 9104
# Says that the process answers; whether it has a valid configuration is /-/ready.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9104/-/healthy').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell in between: node itself gets the SIGTERM of `docker stop`. SIGUSR1 is the program's own, see no-inspector.ts:
# --disable-sigusr1 is unknown to Node.js 20.
ENTRYPOINT ["node", "dist/cli.js"]
