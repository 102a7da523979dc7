"""Serve all stand-in providers from one process, and print where: `aws:PORT,eks:PORT,...`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from .cluster import EksServicer
from .servicer import StandIn

PACKAGES = ("aws", "docker", "kubernetes", "random")


async def serve() -> None:
    """Serve until killed."""
    ports = {}
    running = []
    for package in PACKAGES:
        # Their own threads: the component server below blocks the event loop while it constructs.
        server = grpc.server(ThreadPoolExecutor(max_workers=8), options=_GRPC_CHANNEL_OPTIONS)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(package), server)
        ports[package] = server.add_insecure_port("127.0.0.1:0")
        server.start()
        running.append(server)
    components = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(EksServicer(), components)
    ports["eks"] = components.add_insecure_port("127.0.0.1:0")
    await components.start()
    print(",".join(f"{package}:{port}" for package, port in sorted(ports.items())), flush=True)
    await components.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve())
