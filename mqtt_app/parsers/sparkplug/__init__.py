"""Sparkplug B: the payload as protobuf, its values, and the parser of the namespace spBv1.0."""
