"""The tree as a whole, and what is done with its branches."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.requests import Request, whole_number
from playground.chat import services
from playground.chat.access import conversation_of, kept_turn_of, posted_number, turn_of
from playground.chat.exporting import export_of
from playground.chat.mapping import draw_whole
from playground.chat.places import place_of
from playground.chat.shown import address_of
from playground.chat.tree import Tree
from playground.runs.archives import zip_response


@require_safe
def whole_map(request: Request, number: int) -> HttpResponse:
    """Every turn as a dot."""
    conversation = conversation_of(request, number)
    tree = Tree.of(conversation)
    here = next((pk for pk, node in tree.nodes.items() if node.number == whole_number(request, "step")), None)
    context = {"conversation": conversation, "tree": tree, "drawing": draw_whole(tree, here)}
    return render(request, "chat/map.html", context)


@require_POST
def rename(request: Request, number: int) -> HttpResponse:
    """Give it another name; an empty one is not taken."""
    conversation = conversation_of(request, number)
    if not services.rename(conversation, request.POST.get("title", "")):
        messages.error(request, _("A conversation needs a name, so it keeps the one it has."))
    return redirect(address_of(conversation, posted_number(request.POST, "step")))


@require_POST
def fork(request: Request, number: int, step: int) -> HttpResponse:
    """A new conversation that begins with this picture."""
    turn = kept_turn_of(request, number, step)
    place = place_of(turn.conversation, turn, posted_number(request.POST, "answer"))
    try:
        if place.base is None:
            raise ValueError("The picture is on its way.")
        made = services.fork(place.base, person=request.person)
    except ValueError:
        messages.error(request, _("There is no picture yet that a conversation could begin with."))
        return redirect(turn)
    return redirect("chat:start", made.number)


@require_POST
def remove(request: Request, number: int, step: int) -> HttpResponse:
    """Delete a branch. It can be undone: nothing is thrown away, and its pictures stay in the gallery."""
    turn = turn_of(request, number, step)
    count = services.remove(turn)
    if count:
        words = ngettext(
            "Step %(step)s was deleted. Its pictures stay in the gallery.",
            "Step %(step)s was deleted, with %(count)s steps in all. Their pictures stay in the gallery.",
            count,
        )
        undo = reverse("chat:restore", args=[number, step])
        messages.success(request, words % {"step": step, "count": count}, extra_tags=undo)
    return redirect(address_of(turn.conversation, turn.parent.number if turn.parent else 0))


@require_POST
def restore(request: Request, number: int, step: int) -> HttpResponse:
    """Bring a deleted branch back."""
    turn = turn_of(request, number, step)
    if not services.restore(turn) and turn.removed_at is not None:
        messages.info(request, _("The step before it is deleted, too. Bring that one back first."))
        return redirect(turn.conversation)
    return redirect(turn)


@require_safe
def export(request: Request, number: int) -> HttpResponseBase:
    """Its pictures and what was said, as a ZIP that is written while it is sent."""
    conversation = conversation_of(request, number)
    return zip_response(export_of(conversation), f"conversation-{conversation.number}.zip")
