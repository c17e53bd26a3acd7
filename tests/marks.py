"""Marks as the page writes them (`web/src/annotations/stored.ts`), and an independent reader of what is told."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Map
from rdflib import Graph, Namespace

FORM = json.loads((Path(__file__).parent / "unit" / "annotation.json").read_text("utf-8"))
"""One annotation; the page's own tests hold it to this form."""
OA = Namespace("http://www.w3.org/ns/oa#")
AS = Namespace("http://www.w3.org/ns/activitystreams#")
UNKNOWN = "urn:unknown:"
"""What words become that no context explains: without it they would be passed over."""

W3C = {
    "@version": 1.1,
    "oa": str(OA),
    "as": str(AS),
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    **{
        name: f"oa:{name}"
        for name in (
            *("Annotation", "TextualBody", "SpecificResource", "SvgSelector", "FragmentSelector"),
            *("describing", "classifying", "replying"),
        )
    },
    "AnnotationPage": "as:OrderedCollectionPage",
    "AnnotationCollection": "as:OrderedCollection",
    "Person": "foaf:Person",
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "refinedBy": {"@id": "oa:refinedBy", "@type": "@id"},
    "conformsTo": {"@id": "dcterms:conformsTo", "@type": "@id"},
    "creator": {"@id": "dcterms:creator", "@type": "@id"},
    "created": {"@id": "dcterms:created", "@type": "xsd:dateTime"},
    "modified": {"@id": "dcterms:modified", "@type": "xsd:dateTime"},
    "value": "rdf:value",
    "format": "dc:format",
    "name": "foaf:name",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "partOf": {"@id": "as:partOf", "@type": "@id"},
    "startIndex": {"@id": "as:startIndex", "@type": "xsd:nonNegativeInteger"},
    "total": {"@id": "as:totalItems", "@type": "xsd:nonNegativeInteger"},
    "next": {"@id": "as:next", "@type": "@id"},
}
"""Of http://www.w3.org/ns/anno.jsonld the words that we use: no test asks a foreign server."""


def put(doc: Doc[Any], key: str, form: Mapping[str, Any] = FORM) -> None:
    """Put a mark into a discussion."""
    label, *replies = form["body"]
    selector = dict(form["target"]["selector"])
    if "refinedBy" in selector:
        selector["refinedBy"] = _shape(selector["refinedBy"])
        chosen = Map(selector)
    else:
        chosen = _shape(selector)
    mark = {**form, "id": f"annotations/{key}", "body": Array([Map(label), *replies])}
    mark["target"] = Map({"source": form["target"]["source"], "selector": chosen})
    doc.get("annotations", type=Map)[key] = Map(mark)


def _shape(selector: Mapping[str, Any]) -> Map[Any]:
    return Map({**selector, "handles": Map(selector.get("handles", {}))})


def graph_of(page: Mapping[str, Any], ours: Mapping[str, Any]) -> Graph:
    """What the page says, as rdflib reads it; `ours` is our own context, as the server tells it."""
    whole = {**page, "@context": [{"@vocab": UNKNOWN}, W3C, ours["@context"]]}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # rdflib's own reader still uses a class of its own that goes
        return Graph().parse(data=json.dumps(whole), format="json-ld")


def check_model(graph: Graph) -> int:
    """The MUSTs of the W3C's model that concern what we tell (sections 3.1, 3.2.4, 4.1, 4.2); how many annotations."""
    asked = {
        "an annotation without a target": "?a a oa:Annotation FILTER NOT EXISTS { ?a oa:hasTarget ?t }",
        "an annotation without an address": "?a a oa:Annotation FILTER isBlank(?a)",
        "a text without a value": "?a a oa:TextualBody FILTER NOT EXISTS { ?a rdf:value ?v }",
        "a specific resource without one source": "?a a oa:SpecificResource FILTER NOT EXISTS { ?a oa:hasSource ?s }",
        "two sources": "?a oa:hasSource ?s, ?other FILTER (?s != ?other)",
        "two values": "?a rdf:value ?v, ?other FILTER (?v != ?other)",
        "a selector without a type": "?s oa:hasSelector|oa:refinedBy ?a FILTER NOT EXISTS { ?a a ?k }",
        "a fragment without a value": "?a a oa:FragmentSelector FILTER NOT EXISTS { ?a rdf:value ?v }",
        "an SVG without a value": "?a a oa:SvgSelector FILTER NOT EXISTS { ?a rdf:value ?v }",
        "a date that is none": "?a dcterms:created ?d FILTER (DATATYPE(?d) != xsd:dateTime)",
        "a motive of our own": "?a oa:motivatedBy ?m FILTER (!STRSTARTS(STR(?m), STR(oa:)))",
    }
    unknown = {str(word) for triple in graph for word in triple if str(word).startswith(UNKNOWN)}
    assert not unknown, f"words that no context explains: {unknown}"
    for wrong, where in asked.items():
        assert not list(graph.query(f"SELECT ?a WHERE {{ {where} }}")), wrong
    return len(set(graph.subjects(predicate=None, object=OA.Annotation)))
