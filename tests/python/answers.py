"""Holds answers of the Query protocol against AWS's own model of the service, which botocore has.

The Python parser takes what it knows from an answer and is silent about the rest; typed clients
are less kind. So the XML itself is read here: every element must be one that the model names, in
the model's form, and no member that the model requires may be missing. Answers in JSON are read by
`json_answers.py`.
"""

import datetime
import pathlib
import re
import xml.etree.ElementTree as xml

import json_answers

SERVICES = pathlib.Path(__file__).resolve().parents[2] / "crates/services/src"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
# What every operation may answer, in the name that the Query protocol has for it.
COMMON_ERRORS = {"AccessDenied", "ValidationError"}

# AWS answers `Policy`, and says so in the text of the model, whose list knows another name only.
# So do the events of a stack that was only proposed.
UNLIKE_THE_MODEL = {"PermissionsBoundaryAttachmentType": ["Policy"], "ResourceStatus": ["REVIEW_IN_PROGRESS"]}


SERVICES_WATCHED = ["cloudformation", "cloudtrail", "events", "iam", "kms", "sns", "sts"]


class Recorder:
    """Checks every answer that the clients it watches get, and remembers which operations gave one."""

    def __init__(self):
        # Names of operations, by service, that were carried out and that were refused.
        self.done = {service: set() for service in SERVICES_WATCHED}
        self.refused = {service: set() for service in SERVICES_WATCHED}

    def watch(self, client):
        service = client.meta.service_model.service_name
        client.meta.events.register_last(f"after-call.{service}", self.look)
        return client

    def look(self, http_response, parsed, model, **_):
        """A fault fails the call, and so the test that made it."""
        service = model.service_model
        is_done = http_response.status_code < 300
        (self.done if is_done else self.refused)[service.service_name].add(model.name)
        if service.metadata["protocol"] == "json":
            faults = json_answers.faults(model, http_response, is_done)
        else:
            faults = faults_of_xml(model, http_response, is_done)
        if is_done and model.output_shape:
            faults += value(model.output_shape, parsed, model.name)
        assert not faults, "\n".join([*faults, http_response.content.decode()])


def faults_of_xml(model, http_response, is_done):
    root = xml.fromstring(http_response.content)
    namespace = model.service_model.metadata["xmlNamespace"]
    foreign = {element.tag for element in root.iter() if not element.tag.startswith(f"{{{namespace}}}")}
    faults = [f"{tag} is not in the namespace" for tag in sorted(foreign)]
    id_of_header = http_response.headers["x-amzn-requestid"]
    return faults + (whole if is_done else refusal)(model, root, id_of_header)


def whole(model, root, request_id):
    """The faults of an answer: `<XResponse><XResult>…</XResult><ResponseMetadata>…`."""
    wrapper = model.output_shape and model.output_shape.serialization.get("resultWrapper")
    expected = [wrapper, "ResponseMetadata"] if wrapper else ["ResponseMetadata"]
    if (name(root), [name(child) for child in root]) != (f"{model.name}Response", expected):
        return [f"{name(root)} holds {[name(child) for child in root]}"]
    faults = [] if texts(root[-1]) == {"RequestId": request_id} else ["another request id"]
    return faults + (element(model.output_shape, root[0], model.name) if wrapper else [])


def refusal(model, root, request_id):
    """The faults of an error: `<ErrorResponse><Error>…</Error><RequestId>…`."""
    if (name(root), [name(child) for child in root]) != ("ErrorResponse", ["Error", "RequestId"]):
        return [f"{name(root)} holds {[name(child) for child in root]}"]
    error = texts(root[0])
    faults = [] if root[1].text == request_id else ["another request id"]
    if sorted(error) != ["Code", "Message", "Type"] or error["Type"] != "Sender":
        faults.append(f"the error is {error}")
    modelled = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
    if error.get("Code") not in modelled | COMMON_ERRORS:
        faults.append(f"{model.name} may not answer {error.get('Code')}")
    return faults


def element(shape, found, path):
    """The faults of an element that should have a shape of the model's."""
    match shape.type_name:
        case "structure":
            return structure(shape, found, path)
        case "list":
            return [fault for item in found for fault in list_item(shape.member, item, path)]
        case "map":
            return [fault for entry in found for fault in map_entry(shape, entry, path)]
        case _:
            return scalar(shape, found, path)


def list_item(member, item, path):
    if name(item) != member.serialization.get("name", "member"):
        return [f"{path} holds {name(item)}"]
    return element(member, item, f"{path}[]")


def structure(shape, found, path):
    members = {member.serialization.get("name", key): member for key, member in shape.members.items()}
    required = {shape.members[key].serialization.get("name", key) for key in shape.required_members}
    names = [name(child) for child in found]
    faults = [f"{path} has no {missing}" for missing in sorted(required - set(names))]
    faults += [f"{path} has {twice} twice" for twice in sorted({one for one in names if names.count(one) > 1})]
    faults += [f"{path} knows no {unknown}" for unknown in names if unknown not in members]
    for child in found:
        if name(child) in members:
            faults += element(members[name(child)], child, f"{path}.{name(child)}")
    return faults


def map_entry(shape, entry, path):
    key, held = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
    if (name(entry), [name(child) for child in entry]) != ("entry", [key, held]):
        return [f"{path} holds {name(entry)} of {[name(child) for child in entry]}"]
    return element(shape.key, entry[0], f"{path} key") + element(shape.value, entry[1], f"{path} value")


def scalar(shape, found, path):
    text = found.text or ""
    if len(found) or not is_written(shape, text):
        return [f"{path} is no {shape.type_name}: {text!r}"]
    enum, bounds = [*getattr(shape, "enum", []), *UNLIKE_THE_MODEL.get(shape.name, [])], shape.metadata
    if enum and text not in enum:
        return [f"{path} is none of {enum}: {text!r}"]
    size = int(text) if shape.type_name in ("integer", "long") else len(text)
    if not bounds.get("min", size) <= size <= bounds.get("max", size):
        return [f"{path} is too short or too long: {text!r}"]
    # The patterns are Java's; classes of Unicode are no part of Python's.
    pattern = bounds.get("pattern", r"\p")
    if r"\p" not in pattern and not re.fullmatch(pattern, text):
        return [f"{path} does not match {pattern}: {text!r}"]
    return []


def is_written(shape, text):
    match shape.type_name:
        case "boolean":
            return text in ("true", "false")
        case "integer" | "long":
            return re.fullmatch(r"-?\d+", text)
        case "timestamp":
            return DATE.fullmatch(text)
        case _:
            return True


def value(shape, parsed, path):
    """The faults of what the client makes of an answer: dates are dates, documents are documents."""
    match shape.type_name:
        case "structure":
            faults = [f"{path} lacks {missing}" for missing in shape.required_members if missing not in parsed]
            for key in parsed.keys() & shape.members.keys():
                faults += value(shape.members[key], parsed[key], f"{path}.{key}")
            return faults
        case "list":
            return [fault for item in parsed for fault in value(shape.member, item, f"{path}[]")]
        case "timestamp":
            is_right = isinstance(parsed, datetime.datetime) and parsed.utcoffset() == datetime.timedelta(0)
        case "string" if shape.name == "policyDocumentType":
            is_right = isinstance(parsed, dict)
        case _:
            is_right = True
    return [] if is_right else [f"{path} is read as {parsed!r}"]


def name(found):
    return found.tag.rpartition("}")[2]


def texts(found):
    return {name(child): child.text for child in found}


def operations_of(service):
    """The names in the server's own table: of each module in it, the operation that it is."""
    folder = SERVICES / service / "ops"
    table = (folder / "mod.rs").read_text().partition("OPERATIONS: &[Entry]")[2].partition("];")[0]
    modules = re.findall(r"::<\s*(\w+)::", table)
    assert modules and len(modules) == table.count("::<")
    names = [re.search(r'const NAME: &\'static str = "(\w+)"', (folder / f"{one}.rs").read_text()) for one in modules]
    return {name[1] for name in names}
