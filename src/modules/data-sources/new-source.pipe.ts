import type { PipeTransform } from '@nestjs/common';
import { checkedRequest } from '../../platform/http/index.js';
import { CreateCombinedSourceDto } from './dto/combined-source.dto.js';
import { CreateDataSourceDto } from './dto/remote-source.dto.js';

export type NewSource = CreateCombinedSourceDto | CreateDataSourceDto;

/** The body of a new source, checked as its type asks for. */
export class NewSourcePipe implements PipeTransform<object> {
  transform(body: object): Promise<NewSource> {
    const isCombined = 'type' in body && body.type === 'combined';
    return isCombined ? checkedRequest(CreateCombinedSourceDto, body) : checkedRequest(CreateDataSourceDto, body);
  }
}
