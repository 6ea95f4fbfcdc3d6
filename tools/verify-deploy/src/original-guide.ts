/**
 * The commands of the first release's deployment guide, in its order and as they stand there, but for
 * the names of the images and for `--env-file .env`, which takes the place of its two configuration
 * files (engine.ini for the engine, ecsconfig.properties for the three syncs).
 */
export const originalServers = (image: { rabbit: string; redis: string }): string => `
docker run -d --name rabbit -e RABBITMQ_NODENAME=my-rabbit ${image.rabbit}
docker run -d --name redis ${image.redis}
`;

export const originalApps = (version: string): string => `
docker run -d --name mosaicme-engine -v ~/mosaic:/mosaic  -v ~/mosaic/logs:/var/log/mosaic --env-file .env mosaicme/engine:${version}
docker run -d --name mosaicme-sync-downloader -v ~/mosaic/logs:/var/log/mosaic -v ~/mosaic:/mosaic --link rabbit:rabbit --env-file .env mosaicme/sync-downloader:${version} /bin/startsyncdownload.sh
docker run -d --name mosaicme-sync-uploader -v ~/mosaic/logs:/var/log/mosaic -v ~/mosaic:/mosaic --link rabbit:rabbit --env-file .env mosaicme/sync-uploader:${version} /bin/startsyncupload.sh
docker run -d --name mosaicme-sync-raw -v ~/mosaic/logs:/var/log/mosaic -v ~/mosaic:/mosaic --link rabbit:rabbit --env-file .env mosaicme/sync-downloader:${version} /bin/startsyncemc.sh
docker run -d --name mosaicme-cacher --env-file .env --link redis:redis mosaicme/cacher:${version}
docker run -d --name mosaicme-web -p 0.0.0.0:8000:80 --env-file .env --link redis:redis mosaicme/web:${version}
docker run -d --name mosaicme-collector-worker --link rabbit:rabbit -e C_FORCE_ROOT=1 mosaicme/collector:${version} celery -A tasks worker --loglevel=info
docker run -d --name mosaicme-collector-raw --link rabbit:rabbit --env-file .env -e "MOSAIC_BUCKET=mosaic-raw" -e "MOSAIC_LISTEN_HASHTAG=Cloud" mosaicme/collector:${version}
docker run -d --name mosaicme-collector-in --link rabbit:rabbit --env-file .env -e "MOSAIC_QUEUE=mosaic-in" -e "MOSAIC_BUCKET=mosaic-in" -e "MOSAIC_LISTEN_HASHTAG=mosaicme" mosaicme/collector:${version}
`;
