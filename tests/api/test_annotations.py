"""GET /api/cases/{case}/annotations and /api/annotation-context."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, Map
from rdflib import URIRef
from rdflib.namespace import DCTERMS, FOAF

from tests.api.conftest import ORIGIN, Ward
from tests.api.media_scene import set_scene
from tests.marks import FORM, OA, check_model, graph_of, put
from workspace.case import Person, Role
from workspace.entries import Append
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, OpId, UpdateBytes
from workspace.media import Kind


async def journal(ward: Ward, case: CaseId, who: Person, doc: Doc[Any], before: bytes = b"\x00") -> None:
    document = DocumentId(case, DocumentName("discussion"))
    await ward.stores.journal.open(document)
    update, clients = UpdateBytes(doc.get_update(before)), frozenset({ClientId(doc.client_id)})
    [answer] = await ward.stores.journal.append(
        [Append(OpId(ward.entropy(16)), document, update, who.id, clients, ward.clock())]
    )
    assert not hasattr(answer, "error"), answer


async def asked(ward: Ward, who: Person, case: CaseId, query: str = "") -> dict[str, Any]:
    answer = await ward.http.get(f"/api/cases/{case}/annotations{query}", headers=await ward.as_(who))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_marked_is_told_as_the_w3c_has_it(ward: Ward) -> None:
    """[ANN-1] [ANN-12] Read by an independent parser, with the context that the server itself tells."""
    ada, eve = [await ward.person(name) for name in ("ada", "eve")]
    case = await ward.case(ada, {Role.OBSERVER: eve})
    doc: Doc[Any] = Doc()
    put(doc, "mark0")
    await journal(ward, case, ada, doc)
    page = await asked(ward, eve, case)
    context = await ward.http.get("/api/annotation-context")
    assert page["@context"] == ["http://www.w3.org/ns/anno.jsonld", f"{ORIGIN}/api/annotation-context"]
    assert context.headers["access-control-allow-origin"] == "*"
    graph = graph_of(page, context.json())
    assert check_model(graph) == 1
    base = f"{ORIGIN}/api/cases/{case}/"
    mark = URIRef(f"{base}annotations/mark0")
    target = graph.value(mark, OA.hasTarget)
    assert graph.value(target, OA.hasSource) == URIRef(f"{base}media/media1")
    assert str(graph.value(graph.value(mark, DCTERMS.creator), FOAF.name)) == "Ada"
    values = {str(each) for each in graph.objects(None, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#value"))}
    assert {"Nodule", "Older than the last one.", "xywh=10,20,21,21"} <= values
    assert URIRef("http://snomed.info/id/27925004") in set(graph.objects(None, OA.hasSource))


async def test_a_mark_on_an_ecg_is_told_without_what_counts_pixels(ward: Ward) -> None:
    """[ANN-12] Of the same form, one is on a page of a document and one on an ECG."""
    scene = await set_scene(ward)
    doc: Doc[Any] = Doc()
    shape = {"type": "ShapeSelector", "shape": "length", "points": [5, 19985, 25, 20000]}
    for kind in (Kind.ECG, Kind.PDF):
        await scene.hand_in("lead", kind.value.encode())
        media = await scene.make_ready(kind.value.encode(), kind=kind)
        selector = {"type": "FrameSelector", "file": None, "frame": 0, "refinedBy": shape}
        put(doc, kind.value, {**FORM, "target": {"source": f"media/{media}", "selector": selector}})
    await journal(ward, scene.case, scene.people["lead"], doc)
    page = await asked(ward, scene.people["lead"], scene.case)
    shapes = {
        each["id"].rpartition("/")[2]: [said["type"] for said in each["target"]["selector"]["refinedBy"]]
        for each in page["items"]
    }
    assert shapes == {"ecg": ["ShapeSelector"], "pdf": ["ShapeSelector", "SvgSelector", "FragmentSelector"]}
    assert check_model(graph_of(page, (await ward.http.get("/api/annotation-context")).json())) == 2


async def test_the_author_is_who_brought_it_whatever_it_says(ward: Ward) -> None:
    """[ANN-8] [ANN-12] Ben forges Ada, in a mark of his own and in a reply to hers; and takes the place of another."""
    ada, ben = [await ward.person(name) for name in ("ada", "ben")]
    case = await ward.case(ada, {Role.CONSULTANT: ben})
    hers: Doc[Any] = Doc(client_id=11)
    put(hers, "hers", {**FORM, "body": FORM["body"][:1]})
    put(hers, "replaced")
    await journal(ward, case, ada, hers)
    his: Doc[Any] = Doc(client_id=12)
    his.apply_update(hers.get_update())
    before = his.get_state()
    put(his, "his", {**FORM, "creator": {"id": f"members/{ada.id}", "name": "Ada"}})
    put(his, "replaced")
    marks = his.get("annotations", type=Map)
    marks["hers"]["body"].append(FORM["body"][1])
    await journal(ward, case, ben, his, before)
    by = {each["id"].rpartition("/")[2]: each for each in (await asked(ward, ada, case))["items"]}
    assert {key: mark["creator"]["name"] for key, mark in by.items()} == {
        "hers": "Ada",
        "his": "Ben",
        "replaced": "Ben",
    }
    assert by["his"]["creator"]["role"] == "consultant"
    assert [body["creator"]["name"] for body in by["hers"]["body"] if body["purpose"] == "replying"] == ["Ben"]


async def test_what_was_removed_or_is_no_mark_is_not_told(ward: Ward) -> None:
    """[ANN-10] [ANN-12]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    doc: Doc[Any] = Doc()
    put(doc, "removed", {**FORM, "removed": True})
    marks = doc.get("annotations", type=Map)
    marks["number"] = 7
    marks["empty"] = Map({})
    marks["<script>"] = Map({"target": Map({})})
    put(doc, "stays", {**FORM, "resolved": True, "created": "yesterday"})
    await journal(ward, case, ada, doc)
    [mark] = (await asked(ward, ada, case))["items"]
    assert (mark["id"].rpartition("/")[2], mark["resolved"], "created" in mark) == ("stays", True, False)


async def test_a_case_without_marks_has_an_empty_page_and_many_have_several(ward: Ward) -> None:
    """[ANN-12]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    assert (await asked(ward, ada, case))["items"] == []
    doc: Doc[Any] = Doc()
    with doc.transaction():
        for at in range(1_001):
            put(doc, f"mark{at:04}")
    await journal(ward, case, ada, doc)
    first, second = await asked(ward, ada, case), await asked(ward, ada, case, "?page=1")
    assert (len(first["items"]), first["next"]) == (1_000, second["id"])
    assert ([each["id"].rpartition("/")[2] for each in second["items"]], second["startIndex"]) == (["mark1000"], 1_000)
    assert "next" not in second
    assert first["partOf"] == second["partOf"] == {**first["partOf"], "total": 1_001}


async def test_one_mark_is_told_at_its_own_address(ward: Ward) -> None:
    """[ANN-13] The same as in the page of all; what was removed, is a reply or is no name has none."""
    ada, mallory = [await ward.person(name) for name in ("ada", "mallory")]
    case = await ward.case(ada)
    doc: Doc[Any] = Doc()
    put(doc, "one", {**FORM, "created": "2026-01-01T00:00:01.000Z"})
    put(doc, "two")
    put(doc, "removed", {**FORM, "removed": True})
    await journal(ward, case, ada, doc)
    page = await asked(ward, ada, case)
    for mark in page["items"]:
        path = mark["id"].removeprefix(ORIGIN)
        answer = await ward.http.get(path, headers=await ward.as_(ada))
        assert answer.json() == {"@context": page["@context"], **mark}
        assert check_model(graph_of(answer.json(), (await ward.http.get("/api/annotation-context")).json())) == 1
        assert (await ward.http.get(path, headers=await ward.as_(mallory))).status_code == 404
        assert (await ward.http.get(path)).status_code == 401
    for name in ("removed", "mark1", "nobody", "%3Cscript%3E"):
        answer = await ward.http.get(f"/api/cases/{case}/annotations/{name}", headers=await ward.as_(ada))
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_who_may_not_see_the_case_sees_no_marks(ward: Ward) -> None:
    """[PER-2] [ANN-12]"""
    ada, mallory = [await ward.person(name) for name in ("ada", "mallory")]
    case = await ward.case(ada)
    assert (await ward.http.get(f"/api/cases/{case}/annotations")).status_code == 401
    answer = await ward.http.get(f"/api/cases/{case}/annotations", headers=await ward.as_(mallory))
    assert answer.status_code == 404
