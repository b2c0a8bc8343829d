"""REST for bookmarks: the views and topics that a person comes back to. Each sees their own."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, StringConstraints

from sites import rest
from sites.models import Bookmark, Role

router = Router()

BOOKMARKS_PER_USER = 200


def within_the_pages(address: str) -> str:
    """Raises ValueError for what would lead elsewhere."""
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        raise ValueError("an address of the pages begins with one slash")
    return address


Address = Annotated[
    str, StringConstraints(max_length=2_000), AfterValidator(rest.printable), AfterValidator(within_the_pages)
]


class BookmarkIn(Schema):
    """address: path and query, such as /devices?status=offline. A name that you have already gets this address."""

    kind: Bookmark.Target
    name: Annotated[rest.Text, StringConstraints(min_length=1)]
    address: Address


class BookmarkOut(BookmarkIn):
    id: int


@router.get("/me/bookmarks/", response=list[BookmarkOut], summary="Your bookmarks, by name")
def list_bookmarks(request: HttpRequest, kind: Bookmark.Target | None = None) -> Any:
    own = Bookmark.objects.filter(user=rest.caller(request).user)
    return own if kind is None else own.filter(kind=kind)


@router.post("/me/bookmarks/", response={201: BookmarkOut}, summary="Keep a view, or pin a topic")
def keep_bookmark(request: HttpRequest, data: BookmarkIn) -> Status[Bookmark]:
    rest.require_scope(request, Role.OPERATOR)
    user = rest.caller(request).user
    own = Bookmark.objects.filter(user=user)
    if own.count() >= BOOKMARKS_PER_USER and not own.filter(kind=data.kind, name=data.name).exists():
        raise rest.Refused(409, "too_many_bookmarks", f"You have {BOOKMARKS_PER_USER} bookmarks; delete one first.")
    row, _ = Bookmark.objects.update_or_create(
        user=user, kind=data.kind, name=data.name, defaults={"address": data.address}
    )
    return Status(201, row)


@router.delete("/me/bookmarks/{bookmark_id}/", response={204: None}, summary="Delete a bookmark")
def delete_bookmark(request: HttpRequest, bookmark_id: int) -> Status[None]:
    rest.require_scope(request, Role.OPERATOR)
    rest.find(Bookmark.objects.filter(user=rest.caller(request).user), pk=bookmark_id).delete()
    return Status(204, None)
