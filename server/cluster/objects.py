"""The store of images as a part: one, that all nodes share. Its keys are made for the folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.embedded.keeper import end_leftovers
from server.embedded.papers import HOST, Papers, make_papers
from server.embedded.weed import weed_part
from server.part import Part

BUCKET = "consilium"


@dataclass(frozen=True, slots=True)
class Store:
    """One that can be run."""

    part: Part
    papers: Papers

    def settings(self, port: int, public_port: int) -> Mapping[str, str]:
        """What nodes and workers are told that ask for it at one port, while browsers go to another."""
        return {
            "CONSILIUM_S3_ENDPOINT": f"http://{HOST}:{port}",
            "CONSILIUM_S3_PUBLIC_ENDPOINT": f"http://{HOST}:{public_port}",
            "CONSILIUM_S3_BUCKET": BUCKET,
            "CONSILIUM_S3_ACCESS_KEY": self.papers.access_key,
            "CONSILIUM_S3_SECRET_KEY": self.papers.secret_key,
        }


def make_store(folder: Path, origins: Sequence[str]) -> Store:
    """In a folder of its own, for pages of these origins. Raises: PartFailed."""
    home = (folder / "objects").resolve()
    end_leftovers(home)
    papers = make_papers(home, BUCKET, 0)
    return Store(weed_part(home, papers, BUCKET, origins), papers)
