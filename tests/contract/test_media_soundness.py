"""`storage.soundness` finds what is wrong among the rows about images and files, and nothing where all is right."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import open_database
from storage.ports import ObjectKey, Stores
from storage.soundness import Census, examine
from storage.stores import open_stores
from tests.contract.sample import CASE, OTHER_CASE, add_people, new_case
from tests.contract.test_uploads import LIMITS, ONE, announced, claimed, made, quarantined
from tests.postgres import Postgres
from workspace.ids import UpdateBytes
from workspace.media import Kind, Reason, UploadState
from workspace.replica import Holding

FIRST, PHOTO = made(1), made(3)
TAKEN, WAITS = announced(4).id, announced(5).id


async def fill(stores: Stores) -> None:
    """A series of two files and a photo; one upload that a worker has, one that was rejected; another, empty case."""
    await add_people(stores)
    await stores.cases.create(new_case())
    await stores.cases.create(new_case(OTHER_CASE))
    await stores.upload_work.secret(CASE, bytes(32))
    for number, series, kind in ((1, "1.2", Kind.DICOM), (2, "1.2", Kind.DICOM), (3, None, Kind.PHOTO)):
        await quarantined(stores, announced(number))
        result = made(number, series=series, kind=kind)
        if number == 2:  # whoever cleans a file of a series knows what its medium is called
            key = ObjectKey(f"media/{CASE}/{FIRST.media}/{result.file}")
            shown = [replace(each, key=ObjectKey(f"{key}/{each.role}")) for each in result.renditions]
            result = replace(result, media=FIRST.media, key=key, renditions=shown)
        await stores.upload_work.accept(await claimed(stores), result)
    await quarantined(stores, announced(4))
    assert await stores.upload_work.claim(ONE, 60)
    await stores.uploads.begin([announced(5)], LIMITS)
    await stores.uploads.change(
        announced(5), replace(announced(5), state=UploadState.REJECTED, reason=Reason.UNREADABLE)
    )


async def same(made: UpdateBytes, holding: Holding) -> bool:
    """There are no snapshots here."""
    raise AssertionError((made, holding))


async def census_of(location: Path | str) -> Census:
    async with open_database(location, migrate=False) as database:
        return await examine(database, same)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sound") / "consilium.db"

    async def make() -> None:
        async with open_stores(file) as stores:
            await fill(stores)

    asyncio.run(make())
    return file


DAMAGES = {
    "UPDATE uploads SET state = 'asleep' WHERE id = :taken": {
        f"{CASE}/uploads/{TAKEN}: has a state, kind or reason that this release does not know"
    },
    "UPDATE uploads SET reason = NULL WHERE id = :waits": {f"{CASE}/uploads/{WAITS}: is rejected for no reason"},
    f"UPDATE uploads SET name = 'Doe' WHERE id = '{announced(1).id}'": {
        f"{CASE}/uploads/{announced(1).id}: has ended and still holds what was to be forgotten"
    },
    "UPDATE uploads SET holder = NULL WHERE id = :taken": {f"{CASE}/uploads/{TAKEN}: is being cleaned by nobody"},
    "UPDATE uploads SET holder = 'x' WHERE id = :waits": {
        f"{CASE}/uploads/{WAITS}: is held by a worker without being cleaned"
    },
    "UPDATE uploads SET begins = ends + 1 WHERE id = :taken": {f"{CASE}/uploads/{TAKEN}: has a claim that cannot be"},
    "UPDATE uploads SET media_id = 'gone' WHERE id = :waits": {
        f"{CASE}/uploads/{WAITS}: became part of a medium that is not of its case"
    },
    f"UPDATE uploads SET media_id = NULL WHERE id = '{announced(1).id}'": {
        f"{CASE}/uploads/{announced(1).id}: is ready and part of no medium"
    },
    "UPDATE uploads SET replaces = 'gone' WHERE id = :taken": {
        f"{CASE}/uploads/{TAKEN}: is to replace a file that is not there"
    },
    "UPDATE uploads SET digest = x'00' WHERE id = :waits": {
        f"{CASE}/uploads/{WAITS}: has a digest or a size that cannot be"
    },
    "UPDATE uploads SET review = '{' WHERE id = :taken": {f"{CASE}/uploads/{TAKEN}: has a review that cannot be read"},
    "UPDATE media SET kind = 'hologram' WHERE id = :photo": {
        f"{CASE}/media/{PHOTO.media}: is of a kind that this release does not know"
    },
    "UPDATE media SET cover = 'gone' WHERE id = :photo": {
        f"{CASE}/media/{PHOTO.media}: is stood for by a file that is not its own"
    },
    "UPDATE media SET position = 1": {
        f"{CASE}/media/{FIRST.media}: stands at the position of another one",
        f"{CASE}/media/{PHOTO.media}: stands at the position of another one",
    },
    "UPDATE media SET removed_at = 5 WHERE id = :photo": {
        f"{CASE}/media/{PHOTO.media}: is taken out by nobody, or at no time"
    },
    "UPDATE media SET manifest_of = 9 WHERE id = :photo": {
        f"{CASE}/media/{PHOTO.media}: has half a manifest, or one of files that never were"
    },
    "UPDATE media SET manifest_of = 1, manifest_key = 'media/x', manifest_size = 1, manifest_sha256 = x'00'"
    " WHERE id = :photo": {f"{CASE}/media/{PHOTO.media}: has a manifest under another's key"},
    "DELETE FROM case_secrets": {f"{CASE}/media/{FIRST.media}: was cleaned without the secret of its case"},
    "UPDATE case_secrets SET secret = x'00'": {f"{CASE}/secret/{CASE}: is too short, or of a case that is not there"},
    "UPDATE files SET object_key = 'media/elsewhere' WHERE id = :file": {
        f"{CASE}/files/{PHOTO.file}: has another's key",
        f"{CASE}/renditions/{PHOTO.key}/thumbnail: has another's key",
    },
    f"UPDATE uploads SET state = 'cancelled' WHERE id = '{announced(3).id}'": {
        f"{CASE}/files/{PHOTO.file}: came from an upload that is not ready"
    },
    "DELETE FROM certificates WHERE file_id = :file": {f"{CASE}/files/{PHOTO.file}: has no certificate"},
    f"UPDATE certificates SET case_id = '{OTHER_CASE}' WHERE file_id = :file": {
        f"{CASE}/files/{PHOTO.file}: has the certificate of another case"
    },
    "UPDATE files SET frames = 0 WHERE id = :file": {
        f"{CASE}/files/{PHOTO.file}: has a digest, a size or a count that cannot be"
    },
    "UPDATE files SET attributes = '' WHERE id = :file": {
        f"{CASE}/files/{PHOTO.file}: has attributes that cannot be read"
    },
    "UPDATE renditions SET size = -1 WHERE file_id = :file": {
        f"{CASE}/renditions/{PHOTO.key}/thumbnail: has a digest, a size or facts that cannot be"
    },
    "UPDATE certificates SET body = '{}' WHERE file_id = :file": {
        f"{CASE}/certificates/{PHOTO.file}: is not what was certified"
    },
    "DELETE FROM files WHERE id = :file": {
        f"{CASE}/media/{PHOTO.media}: has no file",
        f"?/renditions/{PHOTO.key}/thumbnail: is of a file that is not there",
    },
    "DELETE FROM media WHERE id = :photo": {
        f"{CASE}/uploads/{announced(3).id}: became part of a medium that is not of its case",
        f"?/files/{PHOTO.file}: is of a medium that is not there",
    },
    f"DELETE FROM cases WHERE id = '{CASE}'": {
        f"{CASE}/media/{FIRST.media}: is of a case that is not there",
        f"{CASE}/media/{PHOTO.media}: is of a case that is not there",
        f"{CASE}/secret/{CASE}: is too short, or of a case that is not there",
    },
}
NAMES = {"taken": TAKEN, "waits": WAITS, "photo": PHOTO.media, "file": PHOTO.file}


async def test_where_all_is_right_nothing_is_found(sound: Path) -> None:
    """[BAK-13] And everything was looked at."""
    census = await census_of(sound)
    assert (census.media, census.files, census.faults) == (2, 3, [])


@pytest.mark.parametrize("damage", DAMAGES)
async def test_each_fault_is_found_and_said(sound: Path, tmp_path: Path, damage: str) -> None:
    """[BAK-13]"""
    torn = tmp_path / "torn.db"
    shutil.copy(sound, torn)
    with closing(sqlite3.connect(torn)) as connection, connection:  # which keeps no reference whole
        names = {name: value for name, value in NAMES.items() if f":{name}" in damage}
        assert connection.execute(damage, names).rowcount > 0
    census = await census_of(torn)
    assert {f"{place}: {what}" for place, what in census.faults} == DAMAGES[damage]


async def test_it_is_the_same_on_postgres(postgres: Postgres) -> None:
    """[BAK-13]"""
    url = postgres.fresh()
    async with open_stores(url) as stores:
        await fill(stores)
    assert (await census_of(url)).faults == []
    postgres.execute(f"UPDATE uploads SET holder = NULL WHERE id = '{TAKEN}'", url=url)
    postgres.execute(f"UPDATE files SET attributes = '' WHERE id = '{PHOTO.file}'", url=url)
    found = {f"{place}: {what}" for place, what in (await census_of(url)).faults}
    assert found == {
        f"{CASE}/uploads/{TAKEN}: is being cleaned by nobody",
        f"{CASE}/files/{PHOTO.file}: has attributes that cannot be read",
    }
    postgres.clean(url)
