"""Readers who change the year as soon as the page rests, for as long as they are let.

They speak to the server as a browser does, over the WebSocket of a page, but draw nothing: so what they cost is the
server's work alone. ``python -m bench.sessions ADDRESS READERS`` runs until its input ends, then tells the page runs.
"""

import sys
import threading
from collections.abc import Sequence
from itertools import cycle

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

YEARS = (2021, 2022)
PATIENCE_S = 120.0


def read(address: str, stop: threading.Event, runs: list[int]) -> None:
    """One reader on the overview."""
    with joined(address) as socket:
        for year in cycle(YEARS):
            if stop.is_set():
                return
            choose(socket, f"year={year}")
            runs.append(year)


def joined(address: str) -> ClientConnection:
    """A new session with a server, which ends as a context does."""
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(stream, subprotocols=["streamlit"], origin=address, max_size=None, compression=None)


def choose(socket: ClientConnection, query: str, page: str = "overview") -> None:
    """Run a page with this address, and wait until it rests.

    Raises
    ------
    RuntimeError
        When the page shows that its script failed.
    """
    message = BackMsg()
    message.rerun_script.query_string, message.rerun_script.page_name = query, page
    socket.send(message.SerializeToString())
    finished = None
    while finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        answer = ForwardMsg.FromString(socket.recv(timeout=PATIENCE_S))
        if answer.WhichOneof("type") == "delta":
            shown = answer.delta.new_element
            if shown.WhichOneof("type") == "exception":
                raise RuntimeError(f"{page}?{query}: {shown.exception.message}")
            if shown.WhichOneof("type") == "alert" and shown.alert.format == Alert.ERROR:
                raise RuntimeError(f"{page}?{query}: {shown.alert.body}")
        if answer.WhichOneof("type") == "script_finished":
            finished = answer.script_finished


def main(arguments: Sequence[str]) -> None:
    """Start the readers, wait for the end of the input, tell how many runs there were."""
    address, readers = arguments[0], int(arguments[1])
    stop, runs = threading.Event(), list[int]()
    threads = [threading.Thread(target=read, args=(address, stop, runs), daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    print(len(runs))


if __name__ == "__main__":
    main(sys.argv[1:])
