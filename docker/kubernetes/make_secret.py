"""Create the secret `lightrag-generated` with random values, unless it exists.

Run by the job in secret.yaml with the Kubernetes API and its service account. Arguments:
the URL of the API and the folder of the account, if not those of a pod.
"""

import json
import secrets
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
SERVER = "https://kubernetes.default.svc"
NAMES = ("LIGHTRAG_API_KEY", "SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
NAME = "lightrag-generated"
CONFLICT = 409


def main(server: str = SERVER, account_folder: str = ACCOUNT) -> int:
    """Return 0 if the secret exists afterwards."""
    account = Path(account_folder)
    namespace = (account / "namespace").read_text("utf-8").strip()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME},
        # URLs may contain hexadecimal digits as they are.
        "stringData": {name: secrets.token_hex(32) for name in NAMES},
    }
    request = urllib.request.Request(  # noqa: S310 - the cluster's own address
        f"{server}/api/v1/namespaces/{namespace}/secrets",
        data=json.dumps(secret).encode(),
        headers={
            "Authorization": f"Bearer {(account / 'token').read_text('utf-8').strip()}",
            "Content-Type": "application/json",
        },
    )
    authority = account / "ca.crt"
    context = (
        ssl.create_default_context(cafile=str(authority))
        if authority.exists()
        else None
    )
    try:
        urllib.request.urlopen(request, context=context, timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != CONFLICT:
            sys.stderr.write(f"The secret was not created: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
