"""What the running Streamlit holds of its readers, for those who guard the door: sessions, and files they brought.

Streamlit's session manager and its store of uploads have no public door for these questions; the pinned version is
asked in this one place, on the event loop.
"""

from collections.abc import Mapping
from typing import cast

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def is_kept(session_id: str) -> bool:
    """Whether a session is open, or kept for a browser whose line broke."""
    return runtime.exists() and runtime.get_instance()._session_mgr.get_session_info(session_id) is not None


def held_files() -> Mapping[str, Mapping[str, int]]:
    """Bytes of every file that is held in memory: by session, then by file."""
    if not runtime.exists():
        return {}
    return {
        session: {name: len(file.data) for name, file in list(files.items())}
        for session, files in list(_uploads().file_storage.items())
    }


def let_go(upload: UploadedFile) -> None:
    """Free the memory of a file that was taken over; Streamlit would hold it until its session ends."""
    context = get_script_run_ctx()
    if context is not None and runtime.exists():
        _uploads().remove_file(context.session_id, upload.file_id)


def _uploads() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
