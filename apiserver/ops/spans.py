"""Traces: a span for each request, with a child span for each SQL statement.

They omit query, body, headers and parameters, which may contain secrets.
OpenTelemetry's own variables configure the export: ``OTEL_EXPORTER_OTLP_ENDPOINT``,
``OTEL_TRACES_EXPORTER``, ``OTEL_TRACES_SAMPLER``, ``OTEL_SERVICE_NAME``.
"""

import os

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.tweens import INGRESS
from sqlalchemy import Connection, Engine, ExceptionContext, event

from apiserver.core.endpoints import Request
from apiserver.core.http import Handler, Response
from apiserver.core.registry import Registry
from apiserver.ops.access_log import route_of
from apiserver.ops.proxies import FROM_PROXY

EXPORTERS = {"otlp": OTLPSpanExporter, "console": ConsoleSpanExporter}
PROPAGATOR = TraceContextTextMapPropagator()
OPEN = "apiserver.spans"


def make_provider() -> TracerProvider:
    """Make the provider, which exports spans in batches, in a thread."""
    name = os.environ.get("OTEL_SERVICE_NAME", "apiserver")
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "otlp")
    if exporter in EXPORTERS:
        provider.add_span_processor(BatchSpanProcessor(EXPORTERS[exporter]()))
    elif exporter != "none":
        raise ConfigurationError(
            f"OTEL_TRACES_EXPORTER is {exporter}: it must be otlp, console or none."
        )
    return provider


def spans_tween(handler: Handler, registry: Registry) -> Handler:
    """Trace requests; ``request.trace_id`` is for the log."""
    tracer = registry.tracer_provider.get_tracer("apiserver")

    def traced(request: Request) -> Response:
        with tracer.start_as_current_span(
            request.method,
            context=caller_trace(request),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            request.trace_id = format_trace_id(span.get_span_context().trace_id)
            response = handler(request)
            if span.is_recording():
                describe(span, request, response.status_int)
            return response

    return traced


def caller_trace(request: Request) -> Context:
    """Return the trace context from a trusted proxy, or none.

    Other callers could have all their requests sampled, or join other traces.
    """
    traceparent = request.environ.get("HTTP_TRACEPARENT")
    if traceparent is None or FROM_PROXY not in request.environ:
        return Context()
    return PROPAGATOR.extract({"traceparent": traceparent}, Context())


def describe(span: Span, request: Request, status: int) -> None:
    """Name the span after the route, since there are too many paths."""
    route = route_of(request)
    if route is not None:
        span.update_name(f"{request.method} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.request.method", request.method)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("apiserver.request_id", request.request_id)
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def trace_statements(engine: Engine, tracer: Tracer) -> None:
    """Trace the engine's statements, without their parameters."""
    system = engine.dialect.name

    def begin(connection: Connection, _: object, statement: str, *more: object) -> None:
        attributes = {"db.system.name": system, "db.query.text": statement}
        operation = statement.split(None, 1)[0].upper()
        span = tracer.start_span(operation, kind=SpanKind.CLIENT, attributes=attributes)
        connection.info.setdefault(OPEN, []).append(span)

    def end(connection: Connection, *more: object) -> None:
        connection.info[OPEN].pop().end()

    def fail(context: ExceptionContext) -> None:
        connection = context.connection
        open_spans = connection.info.get(OPEN) if connection is not None else None
        if open_spans:
            span = open_spans.pop()
            span.set_attribute("error.type", type(context.original_exception).__name__)
            span.set_status(StatusCode.ERROR)
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)


def includeme(config: Configurator) -> None:
    registry: Registry = config.registry
    registry.tracer_provider = make_provider()
    tracer = registry.tracer_provider.get_tracer("apiserver")
    engines = [registry.engine, registry.read_sessions.kw["bind"]]
    if registry.replica is not None:
        engines.append(registry.replica.sessions.kw["bind"])
    for engine in engines:
        trace_statements(engine, tracer)
    config.add_tween("apiserver.ops.spans.spans_tween", under=INGRESS)
