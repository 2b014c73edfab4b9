// Starts Swagger UI with what the page says in its data attributes.

"use strict";

const page = document.getElementById("documentation");

// Parameters that may be left out. Swagger UI would fill in their examples, and send
// all of them, though some exclude each other.
function leaveOutExamples(api) {
  for (const item of Object.values(api.paths ?? {})) {
    for (const { parameters } of [item, ...Object.values(item)]) {
      for (const parameter of parameters ?? []) {
        if (parameter.required || !("example" in parameter)) continue;
        const about = parameter.description ?? "";
        parameter.description = `${about} Example: \`${parameter.example}\``.trim();
        delete parameter.example;
      }
    }
  }
  return api;
}

// The operations whose path, method or words have all words of the phrase.
function search(tags, phrase) {
  const words = phrase.toLowerCase().split(/\s+/);
  const has = (tag) => (found) => {
    const { path, method, operation } = found.toObject();
    const said = ["summary", "description", "operationId"].map((n) => operation.get(n));
    const text = [tag, path, method, ...said].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return tags
    .map((each, tag) => each.update("operations", (all) => all.filter(has(tag))))
    .filter((each) => each.get("operations").size > 0);
}

// Whether a token is there for one of the alternatives, with the scopes that it needs.
function isAuthorized(authorized, alternatives) {
  const suffices = (scopes, name) => {
    const granted = authorized.getIn([name, "token", "scope"]);
    if (typeof granted !== "string") return authorized.has(name);
    return scopes.every((scope) => granted.split(" ").includes(scope));
  };
  return alternatives.some((each) => each.size > 0 && each.every(suffices));
}

function plugin({ React }) {
  const element = React.createElement;

  // Searches the operations, and shows those that only say what the caller may do.
  function FilterContainer({ layoutSelectors, layoutActions }) {
    const phrase = layoutSelectors.currentFilter();
    const change = ({ target }) => layoutActions.updateFilter(target.value);
    const toggle = ({ target }) =>
      page.classList.toggle("with-options", target.checked);
    return element(
      "div",
      { className: "tools wrapper", role: "search" },
      element("input", {
        type: "search",
        className: "operation-filter-input",
        placeholder: "Search operations",
        "aria-label": "Search operations",
        value: typeof phrase === "string" ? phrase : "",
        onChange: change,
      }),
      element(
        "label",
        null,
        element("input", { type: "checkbox", onChange: toggle }),
        " Show OPTIONS",
      ),
    );
  }

  const operations = (Original) => (props) =>
    props.specSelectors.taggedOperations().size > 0
      ? element(Original, props)
      : element("p", { className: "nothing", role: "status" }, "No operations.");

  // Who needs no token sees no lock, even where one would be taken.
  const OperationSummary = (Original) => (props) => {
    const security = props.operationProps.get("security");
    if (!security?.some((each) => each.isEmpty())) return element(Original, props);
    const operationProps = props.operationProps.delete("security");
    return element(Original, { ...props, operationProps });
  };

  // An error is one line until somebody opens it.
  const response = (Original) => (props) => {
    const [isOpen, open] = React.useState(false);
    if (!/^[45]/.test(props.code)) return element(Original, props);
    const about = props.response.get("description", "");
    const button = element(
      "button",
      { type: "button", "aria-expanded": isOpen, onClick: () => open(!isOpen) },
      about.replaceAll("`", "").replace(/:\s+\*\s+[^]*/, "…"),
    );
    const line = element(
      "tr",
      { className: "error-line" },
      element("td", { className: "response-col_status" }, props.code),
      element("td", { colSpan: 2 }, button),
    );
    const whole = isOpen && element(Original, { ...props, className: "error-whole" });
    return element(React.Fragment, null, line, whole);
  };

  // One button to sign in by the browser; everything else behind a line.
  const oauth2 = (Original) =>
    class extends Original {
      render() {
        const form = super.render();
        const { name, schema, authSelectors, errSelectors } = this.props;
        if (authSelectors.authorized().get(name)) return form;
        const failed = errSelectors.allErrors().some((e) => e.get("authId") === name);
        const byBrowser = schema.get("flow") === "authorizationCode";
        const isAlone = byBrowser && !page.dataset.clientId;
        if (!byBrowser || isAlone) return this.behind(form, isAlone || failed);
        const button = element(
          "button",
          { type: "button", className: "btn sign-in", onClick: this.authorize },
          "Sign in",
        );
        return element("div", null, button, this.behind(form, failed));
      }

      behind(form, isOpen) {
        const titles = {
          authorizationCode: "Choose scopes, or another client",
          clientCredentials: "As a client, with its secret",
          password: "With a password",
        };
        const flow = this.props.schema.get("flow");
        const title = element("summary", null, titles[flow] ?? flow);
        return element("details", { className: "other", open: isOpen }, title, form);
      }
    };

  return {
    fn: { opsFilter: search },
    components: { FilterContainer },
    wrapComponents: { operations, OperationSummary, response, oauth2 },
    statePlugins: {
      auth: {
        wrapSelectors: {
          isAuthorized:
            (original, { authSelectors }) =>
            (state, alternatives) =>
              isAuthorized(authSelectors.authorized(), alternatives ?? []),
        },
      },
      spec: {
        wrapActions: {
          updateJsonSpec: (original) => (api) => original(leaveOutExamples(api)),
        },
      },
    },
  };
}

const ui = SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  oauth2RedirectUrl: new URL(page.dataset.redirect, window.location.href).href,
  // Whoever sends a link must not choose the document or the settings.
  queryConfigEnabled: false,
  // No request to a validator elsewhere.
  validatorUrl: null,
  supportedSubmitMethods: ["get", "post", "put", "patch", "delete", "options"],
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  plugins: [plugin],
});

ui.initOAuth({
  appName: page.dataset.title,
  clientId: page.dataset.clientId,
  usePkceWithAuthorizationCodeGrant: true,
});
