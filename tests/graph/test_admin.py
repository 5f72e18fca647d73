"""Tests of entities and relations in the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.age.examples import EXAMPLES
from graph.models import Entity, EntityAlias, Relation
from tests.library import Library, make_library


@pytest.fixture
def library(workspace: Workspace) -> Library:
    return make_library(workspace)


def page(model: str, *args: object) -> str:
    view = "change" if args else "changelist"
    return reverse(f"admin:{model}_{view}", args=args)


def entity_names(client: Client, query: str) -> list[str]:
    response = client.get(page("graph_entity"), {"q": query})
    return [entity.name for entity in response.context["cl"].result_list]


@pytest.mark.parametrize(
    "model",
    ["graph_entity", "graph_relation", "graph_entityalias", "graph_entitymention"],
)
def test_a_full_list_takes_few_queries(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    model: str,
) -> None:
    entities = Entity.objects.bulk_create(
        Entity(workspace=library.workspace, name=f"E{n}") for n in range(120)
    )
    Relation.objects.bulk_create(
        Relation(workspace=library.workspace, source=library.ada, target=entity)
        for entity in entities
    )
    EntityAlias.objects.bulk_create(
        EntityAlias(workspace=library.workspace, name=f"A{n}", entity=entity)
        for n, entity in enumerate(entities)
    )
    with django_assert_max_num_queries(6):
        response = admin_client.get(page(model))
    assert response.status_code == 200


def test_entities_are_found_by_a_part_of_name_or_alias(
    library: Library, admin_client: Client
) -> None:
    EntityAlias.objects.create(
        workspace=library.workspace, name="Lady Lovelace", entity=library.ada
    )
    assert entity_names(admin_client, "bab") == ["Babbage"]
    assert entity_names(admin_client, "lovelace") == ["Ada"]
    assert entity_names(admin_client, "nobody") == []


def test_an_entity_page_shows_mentions_with_links_to_chunks(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(9):
        text = admin_client.get(page("graph_entity", library.ada.pk)).content.decode()
    assert "Ada is a person." in text
    assert page("documents_chunk", library.chunk.pk) in text
    assert page("graph_relation", library.knows.pk) in text


def save_entity(client: Client, entity: Entity, **changes: str) -> str:
    values = {
        "name": entity.name,
        "entity_type": entity.entity_type,
        "description": entity.description,
    }
    response = client.post(page("graph_entity", entity.pk), values | changes)
    return "" if response.status_code == 302 else response.content.decode()


def test_a_renamed_entity_keeps_its_old_name_as_an_alias(
    library: Library, admin_client: Client
) -> None:
    assert not save_entity(admin_client, library.ada, name="Ada Lovelace")
    library.ada.refresh_from_db()
    assert library.ada.name == "Ada Lovelace"
    assert EntityAlias.objects.get(name="Ada").entity == library.ada


def test_an_edited_description_overrides_and_others_stay_derived(
    library: Library, admin_client: Client
) -> None:
    assert not save_entity(admin_client, library.ada, entity_type="Mathematician")
    library.ada.refresh_from_db()
    assert library.ada.entity_type == "Mathematician"
    assert library.ada.edited_description == ""
    assert not save_entity(admin_client, library.ada, description="A countess.")
    library.ada.refresh_from_db()
    assert library.ada.description == "A countess."


def test_fragments_are_paragraphs_and_stay_derived_if_unchanged(
    library: Library, admin_client: Client
) -> None:
    merged = "A countess.<SEP>A mathematician."
    Entity.objects.filter(name="Ada").update(description=merged)
    library.ada.refresh_from_db()
    box = admin_client.get(page("graph_entity", library.ada.pk)).content.decode()
    assert "A countess.\n\nA mathematician." in box
    sent = "A countess.\r\n\r\nA mathematician."
    assert not save_entity(admin_client, library.ada, description=sent)
    library.ada.refresh_from_db()
    assert library.ada.edited_description == ""


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"name": "Babbage"}, "already has this name"),
        ({"name": "“”"}, "Enter a name that is not blank"),
        ({"description": "  "}, "Describe the entity in a sentence"),
    ],
)
def test_an_invalid_change_is_reported_at_its_field(
    library: Library, admin_client: Client, changes: dict[str, str], answer: str
) -> None:
    assert answer in save_entity(admin_client, library.ada, **changes)
    assert Entity.objects.filter(name="Ada", description="Ada is a person.").exists()


def test_an_entity_without_mentions_can_be_created(
    workspace: Workspace, admin_client: Client
) -> None:
    values = {
        "workspace": workspace.pk,
        "name": "王小明",
        "entity_type": "Person",
        "description": "A student.",
    }
    response = admin_client.post(reverse("admin:graph_entity_add"), values)
    created = Entity.objects.get(name="王小明")
    assert response.status_code == 302
    assert (created.manual, created.entity_type, created.description) == (
        True,
        "Person",
        "A student.",
    )


def merge(client: Client, *entities: Entity, **values: object) -> object:
    keys = [entity.pk for entity in entities]
    data = {"action": "merge_selected", "_selected_action": keys, **values}
    return client.post(page("graph_entity"), data, follow=True)


def test_merging_shows_a_preview_first(library: Library, admin_client: Client) -> None:
    response = merge(admin_client, library.ada, library.countess)
    preview = response.context["preview"].merged  # type: ignore[attr-defined]
    assert preview.mentions == 2
    assert (preview.relations, preview.dropped_relations) == (1, 0)
    assert Entity.objects.count() == 3


def test_preview_counts_relations_that_are_deleted(
    library: Library, admin_client: Client
) -> None:
    response = merge(admin_client, library.ada, library.babbage)
    preview = response.context["preview"].merged  # type: ignore[attr-defined]
    assert (preview.relations, preview.dropped_relations) == (1, 1)


def test_merged_entities_are_one_with_aliases_mentions_and_relations(
    library: Library, admin_client: Client
) -> None:
    merge(
        admin_client,
        library.ada,
        library.countess,
        target=library.countess.pk,
        confirm="yes",
    )
    assert sorted(Entity.objects.values_list("name", flat=True)) == [
        "Babbage",
        "Countess",
    ]
    assert EntityAlias.objects.get(name="Ada").entity == library.countess
    assert library.countess.mentions.count() == 2
    assert Relation.objects.count() == 1


def test_a_single_entity_is_not_merged(library: Library, admin_client: Client) -> None:
    response = merge(admin_client, library.ada)
    assert "Select two entities or more." in response.content.decode()  # type: ignore[attr-defined]


def test_a_merge_is_undone_by_separating_the_alias(
    library: Library, admin_client: Client
) -> None:
    alias = EntityAlias.objects.create(
        workspace=library.workspace,
        name="Enchantress",
        entity=library.ada,
        merge_snapshot={
            "manual": True,
            "edited_type": "Person",
            "edited_description": "Of numbers.",
        },
    )
    data = {"action": "split_selected", "_selected_action": [alias.pk]}
    admin_client.post(page("graph_entityalias"), data)
    assert Entity.objects.get(name="Enchantress").description == "Of numbers."


def test_deleting_an_entity_deletes_its_relations(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:graph_entity_delete", args=[library.babbage.pk])
    assert "Relations: 2" in admin_client.get(url).content.decode()
    admin_client.post(url, {"post": "yes"})
    assert Relation.objects.count() == 0
    library.ada.refresh_from_db()
    assert library.ada.degree == 0


def test_relations_at_one_entity_are_listed(
    library: Library, admin_client: Client
) -> None:
    response = admin_client.get(page("graph_relation"), {"entity": library.ada.pk})
    assert list(response.context["cl"].result_list) == [library.knows]


def test_a_relation_can_be_edited(library: Library, admin_client: Client) -> None:
    values = {
        "description": "They were friends.",
        "keywords": "friendship",
        "weight": "3",
    }
    admin_client.post(page("graph_relation", library.knows.pk), values)
    library.knows.refresh_from_db()
    assert library.knows.description == "They were friends."
    assert library.knows.weight == 3


def test_a_weight_below_the_number_of_chunks_is_reported_at_the_field(
    library: Library, admin_client: Client
) -> None:
    values = {"description": "d", "keywords": "k", "weight": "0"}
    response = admin_client.post(page("graph_relation", library.knows.pk), values)
    assert "1 chunks mention the relation" in response.content.decode()


def test_a_new_relation_needs_two_unrelated_ends(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:graph_relation_add")
    values = {"description": "Kin.", "keywords": "", "weight": "1"}
    ends = {"source": library.countess.pk, "target": library.ada.pk}
    again = {"source": library.babbage.pk, "target": library.ada.pk}
    refused = admin_client.post(url, values | again)
    assert "related already" in refused.content.decode()
    sent = admin_client.post(url, values | ends)
    assert sent.status_code == 302, sent.context["errors"]
    created = Relation.objects.get(source=library.ada, target=library.countess)
    assert (created.manual, created.description) == (True, "Kin.")


def test_staff_without_permission_see_nothing(
    library: Library, django_user_model: type, client: Client
) -> None:
    user = django_user_model.objects.create_user("guest", is_staff=True)  # type: ignore[attr-defined]
    client.force_login(user)
    assert client.get(page("graph_entity")).status_code == 403


def ask(client: Client, library: Library, query: str) -> str:
    data = {"workspace": library.workspace.pk, "query": query}
    return client.post(reverse("admin:graph_cypher"), data).content.decode()


def test_cypher_results_link_to_their_pages(
    library: Library, admin_client: Client
) -> None:
    text = ask(
        admin_client,
        library,
        "MATCH p = (a)-[r]->(b) WHERE a.entity_id = 'Ada'"
        " RETURN p, a, r, b.description, [1, {x: 'y'}], null",
    )
    assert page("graph_entity", library.ada.pk) in text
    assert page("graph_relation", library.knows.pk) in text
    assert "Babbage is a person." in text
    assert "acquaintance" in text


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("MATCH (a) RETURN", "errornote"),
        ("CREATE (a:base) RETURN a", "errornote"),
        (
            "MATCH (a) WHERE a.entity_id = 'Nobody' RETURN a",
            "No results.",
        ),
        ("", "This field is required."),
    ],
)
def test_an_empty_cypher_result_is_explained(
    library: Library, admin_client: Client, query: str, answer: str
) -> None:
    assert answer in ask(admin_client, library, query)
    assert Entity.objects.count() == 3


def test_cypher_examples_fill_the_form(library: Library, admin_client: Client) -> None:
    response = admin_client.get(reverse("admin:graph_cypher"), {"example": "4"})
    assert "a.entity_type" in response.content.decode()


def test_every_cypher_example_runs(library: Library, admin_client: Client) -> None:
    for example in EXAMPLES:
        text = ask(admin_client, library, example.query)
        assert "errornote" not in text, example.title
