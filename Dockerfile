# Built by: docker build --tag hearthline .
# Every step lives in deploy/image.sh, which `./dev image-check` follows in a bare Debian tree.
ARG DEBIAN=bookworm

FROM debian:${DEBIAN}-slim AS build
WORKDIR /source
COPY . .
RUN sh deploy/image.sh build

FROM debian:${DEBIAN}-slim
COPY deploy/image.sh /image.sh
RUN sh /image.sh final && rm /image.sh
COPY --from=build /opt/hearthline /opt/hearthline

ENV PATH=/opt/hearthline/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOTLINE_DATA_DIR=/data \
    HOTLINE_KEY_RING=/keys \
    HOTLINE_PUBLIC_BIND=0.0.0.0:8080 \
    HOTLINE_CONSOLE_BIND=0.0.0.0:8081
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/keys"]
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/opt/hearthline/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
ENTRYPOINT ["/opt/hearthline/bin/entry"]
CMD ["run"]
