# tfdis with everything that scores need.
#
#   docker build -t tfdis .                                             on processors
#   docker build -t tfdis --build-arg 'EXTRA=tensorflow[and-cuda]==2.21.0' .   on NVIDIA cards
#   docker build -t tfdis --build-arg BASE=IMAGE .                      on another base, with CPython 3.11 to 3.13 and pip
#   docker run --rm -v "$PWD/runs:/tfdis/runs" tfdis bin/demo           (with cards: --gpus all)
ARG BASE=python:3.12-slim
FROM ${BASE}
ARG EXTRA=
WORKDIR /tfdis
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
# The packages first: a change of the code does not install them again.
COPY requirements.txt requirements-dlib.txt ./
RUN pip install --no-cache-dir -r requirements.txt ${EXTRA} \
    && pip install --no-cache-dir --no-deps -r requirements-dlib.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .
CMD ["tfdis"]
