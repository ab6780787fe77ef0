# Culvert without a window. Keys are needed on every address that is not loopback: set API_KEY and ADMIN_TOKEN, or read
# the ones made at the first start with `docker logs`. Secrets are sealed with MASTER_KEY; without it the key lies in /data.
#   docker run -p 127.0.0.1:8788:8788 -v culvert:/data -e MASTER_KEY="$(openssl rand -base64 32)" culvert
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Scripts are not needed: the native packages come with binaries, and the image has its own Node.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY server ./server
RUN find server -name '*.test.ts' -delete

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app ./
RUN mkdir -p /data node_modules/.cache/culvert && chown -R node:node /data node_modules/.cache
USER node
VOLUME /data
EXPOSE 8788
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8788}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/headless.ts"]
