"""Where settings come from, which wins, and what is said of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lightrag_site.configuration import environment, ignored_settings
from lightrag_site.configuration.config import LightRAGConfig, NamedModelConfig
from lightrag_site.errors import SettingError


def read(folder: Path, **environ: str) -> LightRAGConfig:
    return environment.read(environ, folder)


def problem(folder: Path, **environ: str) -> str:
    with pytest.raises(SettingError) as caught:
        read(folder, **environ)
    return str(caught.value)


def test_nothing_set_gives_the_defaults_that_need_no_key(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.server.port == 9621
    assert config.server.working_dir == tmp_path / "rag_storage"
    assert config.server.workspace == "default"
    assert config.query_llm.binding == "none"
    assert config.query_llm.timeout == 150
    assert (config.embedding.binding, config.embedding.dimensions) == ("local", 384)
    assert config.stores.embedded_postgres


def test_environment_wins_over_dotenv_over_ini_over_yaml(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(
        "server: {port: 1, host: yaml}\ntop_k: 1\nllm_timeout: 1\nchunk_top_k: 7"
    )
    (tmp_path / "config.ini").write_text(
        "[server]\nport=2\n[query]\ntop_k=2\n[llm]\ntimeout=2\n"
    )
    (tmp_path / ".env").write_text("PORT=3\nTOP_K=3\nLIGHTRAG_CONFIG=settings.yaml\n")
    config = read(tmp_path, PORT="4")
    assert config.server.port == 4
    assert config.query.top_k == 3
    assert config.query_llm.timeout == 2
    assert config.server.host == "yaml"
    assert config.query.chunk_top_k == 7


def test_an_empty_variable_takes_back_what_a_file_says(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIGHTRAG_API_KEY=from-file\n")
    assert read(tmp_path).server.api_key == "from-file"
    assert read(tmp_path, LIGHTRAG_API_KEY="").server.api_key == ""


def test_config_ini_names_upstreams_postgres_and_other_stores_are_passed_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.ini").write_text(
        "[postgres]\nhost=db\nport=5433\nuser=u\npassword=50%\ndatabase=rag\n"
        "[neo4j]\nuri=neo4j://x\n[milvus]\nuser=root\nhost=elsewhere\n"
    )
    config = read(tmp_path)
    assert config.stores.postgres_host == "db"
    assert config.stores.postgres_port == 5433
    assert config.stores.postgres_password == "50%"
    assert config.server.host == "0.0.0.0"
    assert not config.stores.embedded_postgres


def test_an_unknown_line_of_the_yaml_file_is_named_with_the_nearest_setting(
    tmp_path: Path,
) -> None:
    (tmp_path / "x.yaml").write_text("llm: {modell: gpt}")
    said = problem(tmp_path, LIGHTRAG_CONFIG="x.yaml")
    assert said.startswith("LLM_MODELL: ")
    assert "LLM_MODEL" in said.split("Did you mean")[1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", "'abc' (environment) is not a whole number from 1 to 65535"),
        ("PORT", "70000", "from 1 to 65535"),
        ("RERANK_BY_DEFAULT", "perhaps", "true or false"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("LLM_BINDING", "gemini", "not built in"),
        ("LLM_TIMEOUT", "0", "seconds above 0"),
        ("MAX_ASYNC_LLM", "0", "from 1 to 1000"),
        ("AUTH_ACCOUNTS", "ada", "name:password"),
        ("AUTH_ACCOUNTS", "ada:a,ada:b", "each name once"),
        ("JWT_ALGORITHM", "none", "one of HS256, HS384, HS512"),
        ("TOKEN_SECRET", "lightrag-jwt-default-secret-key!", "everybody knows"),
        ("TOKEN_EXPIRE_HOURS", "0", "hours above 0"),
        ("TOKEN_RENEW_THRESHOLD", "2", "at most 1"),
        ("CHUNK_OVERLAP_SIZE", "1200", "not less than CHUNK_SIZE"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    said = problem(tmp_path, **{name: value})
    assert said.startswith(f"{name}: ")
    assert words in said
    assert "\n" not in said


def test_accounts_want_a_secret_of_their_own(tmp_path: Path) -> None:
    said = problem(tmp_path, AUTH_ACCOUNTS="ada:secret")
    assert said.startswith("TOKEN_SECRET: must be set where AUTH_ACCOUNTS is")


def test_accounts_are_told_apart_and_their_passwords_not_shown(tmp_path: Path) -> None:
    accounts = "ada:a:b,bob:{bcrypt}$2b$12$x"
    config = read(tmp_path, AUTH_ACCOUNTS=accounts, TOKEN_SECRET="x" * 32)
    ada, bob = config.access.accounts
    assert (ada.name, ada.password) == ("ada", "a:b")
    assert (bob.name, bob.password) == ("bob", "{bcrypt}$2b$12$x")
    assert "a:b" not in repr(config)
    assert "a:b" not in problem(tmp_path, AUTH_ACCOUNTS="ada:a:b,bob")


def test_a_broken_config_ini_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("broken")
    assert problem(tmp_path).startswith("config.ini: ")


def test_openai_needs_a_model_and_a_key_but_a_compatible_server_needs_no_key(
    tmp_path: Path,
) -> None:
    assert problem(tmp_path, LLM_BINDING="openai").startswith("LLM_MODEL: ")
    openai = {"LLM_BINDING": "openai", "LLM_MODEL": "gpt"}
    assert problem(tmp_path, **openai).startswith("LLM_BINDING_API_KEY: ")
    host = "http://localhost:8000/v1"
    assert read(tmp_path, **openai, LLM_BINDING_HOST=host).query_llm.host == host
    assert read(tmp_path, **openai, OPENAI_API_KEY="sk").query_llm.api_key == "sk"


def test_a_role_overrides_the_model_and_its_options(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        LLM_BINDING="openai",
        LLM_MODEL="small",
        LLM_BINDING_API_KEY="sk",
        OPENAI_LLM_TEMPERATURE="0.5",
        QUERY_LLM_MODEL="large",
        QUERY_OPENAI_LLM_TEMPERATURE="0",
        OPENAI_LLM_EXTRA_BODY='{"a": 1}',
        EXTRACT_MAX_ASYNC_LLM="16",
    )
    assert (config.extract_llm.model, config.query_llm.model) == ("small", "large")
    assert config.extract_llm.options == {"temperature": 0.5, "extra_body": {"a": 1}}
    assert config.query_llm.options["temperature"] == 0
    assert (config.extract_llm.max_async, config.query_llm.max_async) == (16, 4)


def test_a_role_with_another_provider_takes_over_no_key(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        LLM_BINDING="openai",
        LLM_MODEL="gpt",
        LLM_BINDING_API_KEY="sk",
        KEYWORD_LLM_BINDING="ollama",
    )
    keyword = config.keyword_llm
    assert (keyword.binding, keyword.api_key) == ("ollama", "")
    assert keyword.host == "http://localhost:11434"


def test_azure_reads_its_own_names(tmp_path: Path) -> None:
    chat = read(
        tmp_path,
        LLM_BINDING="azure_openai",
        LLM_MODEL="gpt",
        AZURE_OPENAI_ENDPOINT="https://x.openai.azure.com",
        AZURE_OPENAI_API_KEY="k",
        AZURE_OPENAI_DEPLOYMENT="mine",
    ).query_llm
    assert (chat.model, chat.api_key) == ("mine", "k")
    assert chat.api_version == "2024-08-01-preview"


@pytest.mark.parametrize(
    ("binding", "model", "dimensions"),
    [("openai", "text-embedding-3-small", 1536), ("ollama", "bge-m3:latest", 1024)],
)
def test_each_provider_has_an_embedding_model_of_known_length(
    tmp_path: Path, binding: str, model: str, dimensions: int
) -> None:
    config = read(tmp_path, EMBEDDING_BINDING=binding, OPENAI_API_KEY="sk").embedding
    assert (config.model, config.dimensions) == (model, dimensions)


def test_an_unknown_embedding_model_needs_its_length_said(tmp_path: Path) -> None:
    named = {"EMBEDDING_BINDING": "ollama", "EMBEDDING_MODEL": "my-own"}
    assert problem(tmp_path, **named).startswith("EMBEDDING_DIM: ")
    assert read(tmp_path, **named, EMBEDDING_DIM="77").embedding.dimensions == 77


@pytest.mark.parametrize(
    ("text", "name"), [("", "default"), ("a b/ü", "a_b__"), ("team_1", "team_1")]
)
def test_a_workspace_is_named_as_upstream_names_it(
    tmp_path: Path, text: str, name: str
) -> None:
    assert read(tmp_path, WORKSPACE=text).server.workspace == name


def test_none_as_upload_limit_is_no_limit(tmp_path: Path) -> None:
    assert read(tmp_path, MAX_UPLOAD_SIZE="None").server.max_upload_bytes == 0


def test_one_body_limit_that_is_set_holds_for_texts_too(tmp_path: Path) -> None:
    server = read(tmp_path, MAX_REQUEST_BODY_BYTES="5").server
    assert (server.max_body_bytes, server.max_text_body_bytes) == (5, 5)


ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "lines",
    [
        "models:\n- {id: manual, mode: local, parameters: {top_k: 3}}",
        "models: {chat_models: [{id: manual, mode: local, parameters: {top_k: 3}}]}",
        "chat_models: [{id: manual, mode: local, parameters: {top_k: 3}}]",
    ],
)
def test_models_for_chat_clients_come_from_the_yaml_file(
    tmp_path: Path, lines: str
) -> None:
    (tmp_path / "x.yaml").write_text(lines)
    (model,) = read(tmp_path, LIGHTRAG_CONFIG="x.yaml").server.chat_models
    assert model == NamedModelConfig("manual", mode="local", parameters={"top_k": 3})


@pytest.mark.parametrize("wrong", ["{}", "[1]", '[{"id": ""}]', '[{"name": "x"}]'])
def test_models_without_ids_are_refused(tmp_path: Path, wrong: str) -> None:
    assert "CHAT_MODELS" in problem(tmp_path, CHAT_MODELS=wrong)


def test_the_example_yaml_file_is_a_good_one(tmp_path: Path) -> None:
    config = read(tmp_path, LIGHTRAG_CONFIG=str(ROOT / "config.example.yaml"))
    assert (config.server.port, config.query.top_k) == (9621, 40)
    assert (config.extract_llm.model, config.query_llm.model) == (
        "gpt-4o-mini",
        "gpt-4o",
    )
    assert config.embedding.dimensions == 1536


def test_every_name_in_the_example_env_file_is_read() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = {line[2:].split("=")[0] for line in lines if re.match("# [A-Z_]+=", line)}
    assert len(names) > 40
    assert names - environment.known_names() == set()


@pytest.mark.parametrize("name", [".env", "config.ini", "settings.yaml"])
def test_a_file_that_is_no_text_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PORT=\xff\xfe\x00")
    chosen = {"LIGHTRAG_CONFIG": name} if name.endswith("yaml") else {}
    said = problem(tmp_path, **chosen)
    assert f"{name} cannot be read" in said
    assert "\n" not in said


def test_upstreams_settings_without_meaning_here_are_remarked_upon(
    tmp_path: Path,
) -> None:
    found = environment.find({"LIGHTRAG_GRAPH_STORAGE": "Neo4JStorage"}, tmp_path)
    assert list(ignored_settings.remarks(["--verbose"], found)) == [
        "--verbose has no effect: use --log-level DEBUG",
        "LIGHTRAG_GRAPH_STORAGE has no effect: everything is kept in PostgreSQL",
    ]


def test_the_model_to_come_is_reached_as_todays_unless_it_says_otherwise() -> None:
    said = {
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_BINDING_HOST": "http://models:1",
        "EMBEDDING_BINDING_API_KEY": "key",
        "NEXT_EMBEDDING_MODEL": "text-embedding-3-large",
    }
    coming = environment.read(said, Path("/")).next_embedding
    assert coming is not None
    assert (coming.host, coming.api_key, coming.dimensions) == (
        "http://models:1",
        "key",
        3072,
    )
    elsewhere = environment.read(
        {**said, "NEXT_EMBEDDING_BINDING": "local", "NEXT_EMBEDDING_MODEL": ""},
        Path("/"),
    ).next_embedding
    assert elsewhere is not None
    assert (elsewhere.label, elsewhere.dimensions) == (
        "local:multilingual-e5-small",
        384,
    )


def test_no_model_is_to_come_unless_one_is_named() -> None:
    assert environment.read({}, Path("/")).next_embedding is None


def test_an_unknown_model_to_come_needs_its_dimension() -> None:
    said = {"NEXT_EMBEDDING_BINDING": "ollama", "NEXT_EMBEDDING_MODEL": "mine"}
    with pytest.raises(SettingError, match="NEXT_EMBEDDING_DIM"):
        environment.read(said, Path("/"))
