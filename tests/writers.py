"""Eight concurrent writers of one entity over HTTP, and the checks afterwards.

`tests.benchmarks writers` has them work for a minute against a whole server, a test for
a few seconds against the site in its own process.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.benchmarks import corpus

FRIENDS = [f"Friend {name}" for name in corpus.NAMES[:40]]
TOWNS = [f"Town {name}" for name in corpus.NAMES[100:120]]
FIRST = 1000
Client = httpx.Client


def text(number: int) -> str:
    """Return a text about the hub, two related entities and a town."""
    chance = random.Random(number)
    friend, other = chance.sample(FRIENDS, 2)
    town = chance.choice(TOWNS)
    return (
        f"Hub met {friend} in {town}. {friend} wrote to {other}. Note {number} of Hub."
    )


@dataclass
class Writers:
    """The requests of all writers, the responses, and what these acknowledged."""

    base_url: str
    seconds: float
    seeds: int = 120
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    added: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    """The last acknowledged description of each entity."""
    numbers: Iterator[int] = field(default_factory=lambda: count(FIRST))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Run all writers concurrently; raise the first exception of any."""
        end = time.monotonic() + self.seconds
        acts = [self.ingest, self.replace, self.delete, self.edit, self.relate]
        acts += [self.rename, self.merge, self.make]
        with ThreadPoolExecutor(len(acts)) as pool:
            done = [pool.submit(self.go_on, act, end) for act in acts]
        for future in done:
            future.result()

    def go_on(self, act: Callable[[Client, random.Random], None], end: float) -> None:
        chance = random.Random(act.__name__)
        with Client(base_url=self.base_url, timeout=60) as client:
            while time.monotonic() < end:
                act(client, chance)

    def ask(
        self, client: Client, method: str, path: str, body: dict[str, Any]
    ) -> httpx.Response:
        """Record a response; rejections are allowed, server errors are not."""
        answer = client.request(method, path, json=body)
        kind = f"{method} {path.partition('/doc-')[0]}"
        with self.lock:
            self.answers[f"{kind}: {answer.status_code}"] += 1
            is_explained = answer.is_success or "detail" in answer.text
            if answer.is_server_error or not is_explained:
                self.wrong.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
        return answer

    def seed(self, client: Client) -> None:
        """Upload documents that are never deleted, with hundreds of relations of the hub."""
        names = [f"seed-{number}.txt" for number in range(self.seeds)]
        body = {"texts": list(map(text, range(self.seeds))), "file_sources": names}
        client.post("/documents/texts", json=body).raise_for_status()
        self.added.update(names)

    def ingest(self, client: Client, chance: random.Random) -> None:
        numbers = [next(self.numbers) for _ in range(3)]
        names = [f"later-{number}.txt" for number in numbers]
        body = {"texts": list(map(text, numbers)), "file_sources": names}
        if self.ask(client, "POST", "/documents/texts", body).is_success:
            self.added.update(names)
        time.sleep(0.2)

    def listed(self, client: Client, chance: random.Random) -> list[dict[str, Any]]:
        page = {"page_size": 200, "sort_field": "created_at"}
        documents = client.post("/documents/paginated", json=page).json()["documents"]
        later = [
            document
            for document in documents
            if document["file_path"].startswith("later-")
        ]
        return chance.sample(later, min(2, len(later)))

    def replace(self, client: Client, chance: random.Random) -> None:
        for document in self.listed(client, chance)[:1]:
            body = {
                "text": text(chance.randrange(self.seeds)) + f" Anew {time.time()}."
            }
            self.ask(client, "PUT", f"/documents/{document['id']}", body)
        time.sleep(0.2)

    def delete(self, client: Client, chance: random.Random) -> None:
        documents = self.listed(client, chance)
        if documents:
            body = {"doc_ids": [document["id"] for document in documents]}
            if self.ask(
                client, "DELETE", "/documents/delete_document", body
            ).is_success:
                self.deleted.update(document["file_path"] for document in documents)
        if chance.random() < 0.1:
            self.ask(client, "POST", "/documents/cancel_pipeline", {})
            self.ask(client, "POST", "/documents/reprocess_failed", {})
        time.sleep(0.3)

    def describe(self, client: Client, name: str, words: str) -> None:
        body = {"entity_name": name, "updated_data": {"description": words}}
        if self.ask(client, "POST", "/graph/entity/edit", body).is_success:
            self.words[name] = words

    def edit(self, client: Client, chance: random.Random) -> None:
        self.describe(client, "Hub", f"The hub at {time.time()}.")

    def relate(self, client: Client, chance: random.Random) -> None:
        data = {"description": f"Known since {time.time()}.", "weight": 1000}
        ends = {"source_id": "Hub", "target_id": chance.choice(FRIENDS)}
        self.ask(client, "POST", "/graph/relation/edit", ends | {"updated_data": data})

    def rename(self, client: Client, chance: random.Random) -> None:
        name = chance.choice(TOWNS)
        data = {"entity_name": f"{name} Renamed"}
        body = {"entity_name": name, "updated_data": data, "allow_rename": True}
        if self.ask(client, "POST", "/graph/entity/edit", body).is_success:
            self.ask(client, "POST", "/graph/entities/split", {"alias": name})

    def merge(self, client: Client, chance: random.Random) -> None:
        friend, other = chance.sample(FRIENDS, 2)
        into = chance.choice([other, "Hub"])
        body = {"entities_to_change": [friend], "entity_to_change_into": into}
        if self.ask(client, "POST", "/graph/entities/merge", body).is_success:
            self.ask(client, "POST", "/graph/entities/split", {"alias": friend})

    def make(self, client: Client, chance: random.Random) -> None:
        name = f"Made {next(self.numbers)}"
        body = {"entity_name": name, "entity_data": {"description": "New."}}
        self.ask(client, "POST", "/graph/entity/create", body)
        ends = {"source_entity": name, "target_entity": "Hub"}
        tie = {"relation_data": {"description": f"{name} is tied to the hub."}}
        self.ask(client, "POST", "/graph/relation/create", ends | tie)
        self.describe(client, name, f"{name}, described again.")
        if chance.random() < 0.5:
            self.ask(client, "DELETE", "/graph/entity/delete", {"entity_name": name})
            del self.words[name]

    def rest(self, client: Client, timeout: float = 120) -> None:
        """Retry cancelled documents and wait until all work is done."""
        client.post("/documents/reprocess_failed").raise_for_status()
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            answer = client.get("/documents/status_counts").json()["status_counts"]
            if answer["processed"] + answer["failed"] == answer["all"]:
                return
            time.sleep(0.2)
        self.wrong.append(f"after {timeout} s there is still work: {answer}")

    def lost_changes(self, client: Client) -> Iterator[str]:
        """Yield the acknowledged changes that are missing."""
        yield from self.wrong
        for name, words in self.words.items():
            graph = client.get("/graphs", params={"label": name, "max_depth": 1}).json()
            descriptions = {
                n["id"]: n["properties"]["description"] for n in graph["nodes"]
            }
            if words not in descriptions.get(name, ""):
                yield f"{name} should be {words!r} and is {descriptions.get(name)!r}"
        statuses = client.get("/documents").json()["statuses"]
        there = {
            document["file_path"]: document
            for rows in statuses.values()
            for document in rows
        }
        for name in self.added - self.deleted:
            if there.get(name, {}).get("status") != "processed":
                yield f"{name} is {there.get(name, 'gone')}"
        yield from (f"{name} is there" for name in self.deleted & there.keys())
