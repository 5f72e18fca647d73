"""Sources of settings, their precedence, and error messages."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from lightrag_site.configuration import environment, ignored_settings
from lightrag_site.configuration.config_classes import LightRAGConfig, NamedModelConfig
from lightrag_site.errors import SettingError
from retrieval.llm import text_cleaning


def read(folder: Path, **environ: str) -> LightRAGConfig:
    return environment.read(environ, folder)


def problem(folder: Path, **environ: str) -> str:
    with pytest.raises(SettingError) as caught:
        read(folder, **environ)
    return str(caught.value)


def test_the_defaults_need_no_key(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.server.port == 9621
    assert config.server.working_dir == tmp_path / "rag_storage"
    assert config.server.workspace == "default"
    assert config.query_llm.binding == "none"
    assert config.query_llm.timeout == 150
    assert (config.embedding.binding, config.embedding.dimensions) == ("local", 384)
    assert config.stores.embedded_postgres


def test_environment_precedes_dotenv_ini_and_yaml(tmp_path: Path) -> None:
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


def test_an_empty_variable_overrides_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIGHTRAG_API_KEY=from-file\n")
    assert read(tmp_path).server.api_key == "from-file"
    assert read(tmp_path, LIGHTRAG_API_KEY="").server.api_key == ""


def test_config_ini_configures_postgres_and_other_stores_are_ignored(
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


def test_an_unknown_yaml_setting_is_reported_with_the_nearest_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "x.yaml").write_text("llm: {modell: gpt}")
    message = problem(tmp_path, LIGHTRAG_CONFIG="x.yaml")
    assert message.startswith("LLM_MODELL: ")
    assert "LLM_MODEL" in message.split("Did you mean")[1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", "'abc' (environment) is not a whole number from 1 to 65535"),
        ("PORT", "70000", "from 1 to 65535"),
        ("RERANK_BY_DEFAULT", "perhaps", "true or false"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("LLM_BINDING", "openai-ollama", "not supported"),
        ("LLM_TIMEOUT", "0", "seconds above 0"),
        ("MAX_ASYNC_LLM", "0", "from 1 to 1000"),
        ("AUTH_ACCOUNTS", "ada", "name:password"),
        ("AUTH_ACCOUNTS", "ada:a,ada:b", "unique names"),
        ("JWT_ALGORITHM", "none", "one of HS256, HS384, HS512"),
        ("TOKEN_SECRET", "lightrag-jwt-default-secret-key!", "public default"),
        ("TOKEN_EXPIRE_HOURS", "0", "hours above 0"),
        ("TOKEN_RENEW_THRESHOLD", "2", "at most 1"),
        ("CHUNK_OVERLAP_SIZE", "1200", "not less than CHUNK_SIZE"),
    ],
)
def test_an_invalid_value_is_reported_in_one_line_with_the_setting(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    message = problem(tmp_path, **{name: value})
    assert message.startswith(f"{name}: ")
    assert words in message
    assert "\n" not in message


def test_accounts_require_a_token_secret(tmp_path: Path) -> None:
    message = problem(tmp_path, AUTH_ACCOUNTS="ada:secret")
    assert message.startswith("TOKEN_SECRET: not set, but AUTH_ACCOUNTS needs it")


def test_accounts_are_parsed_and_passwords_are_not_shown(tmp_path: Path) -> None:
    accounts = "ada:a:b,bob:{bcrypt}$2b$12$x"
    config = read(tmp_path, AUTH_ACCOUNTS=accounts, TOKEN_SECRET="x" * 32)
    ada, bob = config.access.accounts
    assert (ada.name, ada.password) == ("ada", "a:b")
    assert (bob.name, bob.password) == ("bob", "{bcrypt}$2b$12$x")
    assert "a:b" not in repr(config)
    assert "a:b" not in problem(tmp_path, AUTH_ACCOUNTS="ada:a:b,bob")


def test_an_invalid_config_ini_is_reported(tmp_path: Path) -> None:
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


def test_the_vision_model_is_a_role(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        LLM_BINDING="openai",
        LLM_MODEL="small",
        LLM_BINDING_API_KEY="sk",
        VLM_PROCESS_ENABLE="true",
        VLM_LLM_MODEL="vision",
        VLM_LLM_TIMEOUT="300",
        VLM_MAX_ASYNC_LLM="2",
        VLM_MAX_IMAGE_BYTES="1000",
    )
    assert (config.vlm_llm.model, config.vlm_llm.api_key) == ("vision", "sk")
    assert (config.vlm_llm.timeout, config.vlm_llm.max_async) == (300, 2)
    assert (config.ingest.vlm, config.ingest.vlm_max_image_bytes) == (True, 1000)
    assert problem(tmp_path, VLM_PROCESS_ENABLE="true").startswith("VLM_LLM_BINDING: ")


def test_a_parser_rule_needs_the_url_of_its_service(tmp_path: Path) -> None:
    rules = "*:native-teP,pdf:docling-R"
    assert problem(tmp_path, LIGHTRAG_PARSER=rules).startswith("DOCLING_ENDPOINT: ")
    url = "http://localhost:5001"
    config = read(
        tmp_path, LIGHTRAG_PARSER=rules, DOCLING_ENDPOINT=url, DOCLING_OCR_LANG="en,de"
    )
    assert config.ingest.parser_rules == rules
    assert config.docling.endpoint == url
    assert config.docling.ocr_languages == ("en", "de")
    assert problem(tmp_path, LIGHTRAG_PARSER="pdf").startswith("LIGHTRAG_PARSER: ")
    assert problem(tmp_path, MINERU_LOCAL_ENDPOINT="x").startswith("MINERU_LOCAL_")


def test_a_role_with_another_provider_does_not_inherit_the_key(tmp_path: Path) -> None:
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


def test_azure_has_its_own_variables(tmp_path: Path) -> None:
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
def test_each_provider_has_a_default_embedding_model(
    tmp_path: Path, binding: str, model: str, dimensions: int
) -> None:
    config = read(tmp_path, EMBEDDING_BINDING=binding, OPENAI_API_KEY="sk").embedding
    assert (config.model, config.dimensions) == (model, dimensions)


def test_an_unknown_embedding_model_requires_dimensions(tmp_path: Path) -> None:
    environ = {"EMBEDDING_BINDING": "ollama", "EMBEDDING_MODEL": "my-own"}
    assert problem(tmp_path, **environ).startswith("EMBEDDING_DIM: ")
    assert read(tmp_path, **environ, EMBEDDING_DIM="77").embedding.dimensions == 77


@pytest.mark.parametrize(
    ("text", "name"), [("", "default"), ("a b/ü", "a_b__"), ("team_1", "team_1")]
)
def test_a_workspace_name_follows_lightrags_rule(
    tmp_path: Path, text: str, name: str
) -> None:
    assert read(tmp_path, WORKSPACE=text).server.workspace == name


def test_none_disables_the_upload_limit(tmp_path: Path) -> None:
    assert read(tmp_path, MAX_UPLOAD_SIZE="None").server.max_upload_bytes == 0


def test_max_request_body_bytes_also_limits_texts(tmp_path: Path) -> None:
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
def test_the_yaml_file_configures_chat_models(tmp_path: Path, lines: str) -> None:
    (tmp_path / "x.yaml").write_text(lines)
    (model,) = read(tmp_path, LIGHTRAG_CONFIG="x.yaml").server.chat_models
    assert model == NamedModelConfig("manual", mode="local", parameters={"top_k": 3})


@pytest.mark.parametrize("invalid", ["{}", "[1]", '[{"id": ""}]', '[{"name": "x"}]'])
def test_chat_models_without_ids_are_rejected(tmp_path: Path, invalid: str) -> None:
    assert "CHAT_MODELS" in problem(tmp_path, CHAT_MODELS=invalid)


def test_the_example_yaml_file_is_valid(tmp_path: Path) -> None:
    config = read(tmp_path, LIGHTRAG_CONFIG=str(ROOT / "config.example.yaml"))
    assert (config.server.port, config.query.top_k) == (9621, 40)
    assert (config.extract_llm.model, config.query_llm.model) == (
        "gpt-4o-mini",
        "gpt-4o",
    )
    assert config.embedding.dimensions == 1536


def test_every_name_in_the_example_env_file_is_known() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = {line[2:].split("=")[0] for line in lines if re.match("# [A-Z_]+=", line)}
    assert len(names) > 40
    assert names - environment.known_names() == set()


@pytest.mark.parametrize("name", [".env", "config.ini", "settings.yaml"])
def test_a_binary_file_is_reported_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PORT=\xff\xfe\x00")
    environ = {"LIGHTRAG_CONFIG": name} if name.endswith("yaml") else {}
    message = problem(tmp_path, **environ)
    assert "cannot read " in message
    assert "\n" not in message


def test_lightrags_settings_without_effect_are_reported(
    tmp_path: Path,
) -> None:
    sources = environment.load_sources(
        {"LIGHTRAG_GRAPH_STORAGE": "Neo4JStorage"}, tmp_path
    )
    assert list(ignored_settings.warnings(["--verbose"], sources)) == [
        "--verbose has no effect: use --log-level DEBUG",
        "LIGHTRAG_GRAPH_STORAGE has no effect: all data is stored in PostgreSQL",
    ]


def test_options_of_a_rule_without_effect_are_reported() -> None:
    rules = "*:native-teP,pdf:legacy-iR"
    assert list(ignored_settings.rule_warnings(rules, vision=True)) == [
        "Option 't' in LIGHTRAG_PARSER has no effect: tables are always read as text",
        "Option 'e' in LIGHTRAG_PARSER has no effect: equations are always read as text",
    ]
    assert "it needs VLM_PROCESS_ENABLE" in next(
        ignored_settings.rule_warnings(rules, vision=False)
    )


def test_the_next_model_inherits_the_provider_unless_it_has_its_own() -> None:
    environ = {
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_BINDING_HOST": "http://models:1",
        "EMBEDDING_BINDING_API_KEY": "key",
        "NEXT_EMBEDDING_MODEL": "text-embedding-3-large",
    }
    inherited = environment.read(environ, Path("/")).next_embedding
    assert inherited is not None
    assert (inherited.host, inherited.api_key, inherited.dimensions) == (
        "http://models:1",
        "key",
        3072,
    )
    other = environment.read(
        {**environ, "NEXT_EMBEDDING_BINDING": "local", "NEXT_EMBEDDING_MODEL": ""},
        Path("/"),
    ).next_embedding
    assert other is not None
    assert (other.label, other.dimensions) == (
        "local:multilingual-e5-small",
        384,
    )


def test_there_is_no_next_model_by_default() -> None:
    assert environment.read({}, Path("/")).next_embedding is None


def test_an_unknown_next_model_requires_dimensions() -> None:
    environ = {"NEXT_EMBEDDING_BINDING": "ollama", "NEXT_EMBEDDING_MODEL": "mine"}
    with pytest.raises(SettingError, match="NEXT_EMBEDDING_DIM"):
        environment.read(environ, Path("/"))


def test_bedrock_has_lightrags_settings_and_ignores_api_keys(tmp_path: Path) -> None:
    environ = {
        "LLM_BINDING": "aws_bedrock",
        "LLM_MODEL": "amazon.nova-lite-v1:0",
        "LLM_BINDING_HOST": "DEFAULT_BEDROCK_ENDPOINT",
        "LLM_BINDING_API_KEY": "sk-of-another-provider",
        "EMBEDDING_BINDING": "bedrock",
        "BEDROCK_LLM_MAX_TOKENS": "900",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret-of-all-roles",
        "AWS_SESSION_TOKEN": "token-of-all-roles",
        "QUERY_AWS_REGION": "us-east-1",
        "QUERY_AWS_ACCESS_KEY_ID": "AKIDQUERY",
        "QUERY_AWS_SECRET_ACCESS_KEY": "secret-of-query",
    }
    config = read(tmp_path, **environ)
    extract, query, embedding = config.extract_llm, config.query_llm, config.embedding
    assert (extract.binding, extract.api_key) == ("bedrock", "")
    assert extract.host == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert extract.options == {"max_tokens": 900}
    assert extract.aws.session_token == "token-of-all-roles"
    assert query.host == "https://bedrock-runtime.us-east-1.amazonaws.com"
    assert (query.aws.access_key_id, query.aws.session_token) == ("AKIDQUERY", "")
    assert (embedding.model, embedding.dimensions) == (
        "amazon.titan-embed-text-v2:0",
        1024,
    )
    assert embedding.aws == extract.aws
    assert text_cleaning.redact("is secret-of-query!") == "is ***!"
    warning = "LLM_BINDING_API_KEY has no effect with bedrock"
    sources = environment.load_sources(environ, tmp_path)
    assert warning in "".join(ignored_settings.warnings([], sources))


def test_half_an_access_key_is_reported(tmp_path: Path) -> None:
    environ = {"LLM_BINDING": "bedrock", "LLM_MODEL": "m"}
    message = problem(tmp_path, **environ, AWS_ACCESS_KEY_ID="AKIDEXAMPLE")
    assert message.startswith("AWS_SECRET_ACCESS_KEY: ")
    message = problem(tmp_path, **environ, QUERY_AWS_SECRET_ACCESS_KEY="x")
    assert message.startswith("QUERY_AWS_ACCESS_KEY_ID: ")


def test_the_default_host_of_lollms_and_its_missing_vision(tmp_path: Path) -> None:
    environ = {"LLM_BINDING": "lollms", "LLM_MODEL": "m"}
    assert read(tmp_path, **environ).query_llm.host == "http://localhost:9600"
    message = problem(tmp_path, **environ, VLM_PROCESS_ENABLE="true")
    assert "does not accept images" in message
    message = problem(tmp_path, EMBEDDING_BINDING="lollms")
    assert message.startswith("EMBEDDING_DIM: ")


def test_the_password_in_a_url_is_hidden_in_every_form(tmp_path: Path) -> None:
    host = "http://user:s3cr3t-pw%21@127.0.0.1/v1"
    read(tmp_path, LLM_BINDING="openai", LLM_MODEL="m", LLM_BINDING_HOST=host)
    sent = base64.b64encode(b"user:s3cr3t-pw!").decode()
    assert text_cleaning.redact(f"Basic {sent}, s3cr3t-pw!") == "Basic ***, ***"


def test_an_invalid_address_of_bedrock_names_its_own_setting(tmp_path: Path) -> None:
    environ = {"EMBEDDING_BINDING": "bedrock", "EMBEDDING_BINDING_HOST": "bedrock.aws"}
    assert problem(tmp_path, **environ).startswith("EMBEDDING_BINDING_HOST: ")
