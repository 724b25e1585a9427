"""A call of the actor of a member, from another one or from the training."""

from typing import Any

from distributed.protocol import to_serialize

from w2v.training.cluster.orders import Peer


async def call_actor(caller: Any, peer: Peer, method: str, *arguments: Any) -> Any:
    """Call a method of the actor of a member.

    Dask's own handles of actors need the client that the whole process uses.

    Parameters
    ----------
    caller : Worker or Client
        Through whose connections it is called, in whose event loop. A client goes by way of the
        scheduler, unless it was made with `direct_to_workers`.
    peer : Peer
    method : str
    *arguments
        Of the method.
    """
    message = {
        "actor": peer.key,
        "function": method,
        "args": [to_serialize(each) for each in arguments],
        "kwargs": {},
    }
    if getattr(caller, "direct_to_workers", True):
        answer = await caller.rpc(peer.address).actor_execute(**message)
    else:
        asked = {"op": "actor_execute", **message}
        answer = await caller.scheduler.proxy(worker=peer.address, msg=asked)
    if answer["status"] != "OK":
        raise answer["exception"]
    return answer["result"]
